import type { ComponentChildren } from 'preact';

/** Preformatted text that scrolls sideways; reachable without a mouse. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <Wide label={label} name="scrollable">
      <pre>{children}</pre>
    </Wide>
  );
}

/** What may be wider than a phone. */
export function Wide({ label, name = 'scroll', children }: { label: string; name?: string; children: ComponentChildren }) {
  return (
    // A group and no landmark: a page may have many of one name.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be focusable to be scrolled by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups inputs
    <div class={name} role="group" tabIndex={0} aria-label={label}>
      {children}
    </div>
  );
}
