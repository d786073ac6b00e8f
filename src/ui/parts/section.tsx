import type { ComponentChildren } from 'preact';

/** A part of the page with a heading that can be linked to. `note` stands beside the heading. */
export function Section({
  id,
  title,
  note,
  children,
}: {
  id: string;
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <header class="section-head">
        <h2 id={`${id}-title`}>
          <a href={`#${id}`}>{title}</a>
        </h2>
        {note ? <div class="note">{note}</div> : null}
      </header>
      {children}
    </section>
  );
}
