import { useEffect, useState } from 'preact/hooks';

/** What the address points at: "#finding-1", "#route=GET%20%2Fcart", "#request=1%3A4821", or a section's id. */
export interface Place {
  id: string;
  route: string | null;
  request: string | null;
}

export function parsePlace(hash: string): Place {
  const id = hash.replace(/^#/, '');
  return { id, route: parameter(id, 'route='), request: parameter(id, 'request=') };
}

export function routeHref(route: string): string {
  return `#route=${encodeURIComponent(route)}`;
}

export function requestHref(id: string): string {
  return `#request=${encodeURIComponent(id)}`;
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(parsePlace(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

function parameter(text: string, prefix: string): string | null {
  if (!text.startsWith(prefix)) return null;
  try {
    return decodeURIComponent(text.slice(prefix.length));
  } catch {
    return null;
  }
}
