import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/** What is folded away until asked for; not even built before, so that thousands of rows cost nothing. */
export function More({ label, children }: { label: ComponentChildren; children: () => ComponentChildren }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {open ? children() : null}
    </details>
  );
}
