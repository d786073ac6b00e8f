import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageData } from '../model/page.js';

export interface Following {
  data: PageData;
  /** What came meanwhile is kept back. */
  frozen: boolean;
  /** The server does not answer; the browser goes on asking. */
  lost: boolean;
  freeze(frozen: boolean): void;
}

/** The page's data, and what its server sends after it while somebody watches. Space holds it still. */
export function useFollowing(first: PageData): Following {
  const [data, setData] = useState(first);
  const [frozen, setFrozen] = useState(false);
  const [lost, setLost] = useState(false);
  const held = useRef<PageData | null>(null);
  const isFrozen = useRef(false);
  const freeze = (next: boolean): void => {
    isFrozen.current = next;
    setFrozen(next);
    if (!next && held.current) setData(held.current);
    held.current = null;
  };
  useEffect(() => {
    if (!first.live || first.live.ended) return;
    const source = new EventSource('events');
    source.onopen = () => setLost(false);
    source.onerror = () => setLost(true);
    source.onmessage = ({ data: text }: MessageEvent<string>) => {
      const next = JSON.parse(text) as PageData;
      if (next.live?.ended) source.close();
      if (isFrozen.current) held.current = next;
      else setData(next);
    };
    const keys = (event: KeyboardEvent): void => {
      if (event.key !== ' ' || isTakenBy(event.target)) return;
      event.preventDefault();
      freeze(!isFrozen.current);
    };
    addEventListener('keydown', keys);
    return () => {
      source.close();
      removeEventListener('keydown', keys);
    };
  }, []);
  return { data, frozen, lost, freeze };
}

/** Space means something else to it. */
function isTakenBy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, input, select, summary, a, [role=application], .scrollable') !== null;
}
