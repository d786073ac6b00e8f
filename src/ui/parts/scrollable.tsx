import type { ComponentChildren } from 'preact';

/** Preformatted text that scrolls sideways; reachable without a mouse. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // A group and no landmark: a page may have many of one name.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be focusable to be scrolled by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups inputs
    <div class="scrollable" role="group" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </div>
  );
}
