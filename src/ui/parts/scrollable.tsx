import type { ComponentChildren } from 'preact';

/** Preformatted text that scrolls sideways; reachable without a mouse. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be focusable to be scrolled by keyboard
    <section class="scrollable" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  );
}
