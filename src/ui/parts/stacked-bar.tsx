import type { LedgerRow } from '../../model/ledger-view.js';
import { wordMs, wordShare } from '../../model/wording.js';

export type BarPart = Pick<LedgerRow, 'account' | 'name' | 'share'>;

/** One bar of accounts. `width`: share 0..1 of the room it has. Names are written into the parts that hold them. */
export function StackedBar({
  parts,
  totalMs,
  width,
  onPick,
  picked,
}: {
  parts: BarPart[];
  totalMs: number;
  width: number;
  onPick?: (account: string) => void;
  picked?: string | null;
}) {
  const says = parts.map((part) => `${part.name} ${wordShare(part.share)}`).join(', ');
  return (
    <div class="bar-room">
      <div
        class={`bar${width < 0.05 ? ' tiny' : ''}`}
        style={{ width: `${width * 100}%` }}
        role="img"
        aria-label={`${wordMs(totalMs)}: ${says}`}
      >
        {parts.map((part) => (
          <Part key={part.account} part={part} totalMs={totalMs} dim={picked != null && picked !== part.account} onPick={onPick} />
        ))}
      </div>
    </div>
  );
}

function Part({
  part,
  totalMs,
  dim,
  onPick,
}: {
  part: BarPart;
  totalMs: number;
  dim: boolean;
  onPick: ((account: string) => void) | undefined;
}) {
  const title = `${part.name}: ${wordMs(part.share * totalMs)} (${wordShare(part.share)})`;
  const style = { flexGrow: part.share };
  // The list below the bars offers the same by keyboard, so the parts need no tab stops of their own.
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      class={`part ${accountClass(part.account)}${dim ? ' dim' : ''}`}
      style={style}
      title={title}
      onClick={onPick && (() => onPick(part.account))}
    >
      <span>{part.name}</span>
    </div>
  );
}

export function Swatch({ account }: { account: string }) {
  return <span class={`swatch ${accountClass(account)}`} aria-hidden="true" />;
}

export function accountClass(account: string): string {
  return `acc acc-${account.replace(/[^a-z]+/g, '-')}`;
}
