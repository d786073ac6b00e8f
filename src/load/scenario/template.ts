const PLACE = /\{\{\s*([\w$]+(?:\.[\w$]+)*)\s*\}\}/g;

/** Names in {{...}}. */
export function placesIn(text: string): string[] {
  return [...text.matchAll(PLACE)].map(([, name]) => name!);
}

/** Puts values in; the names were examined before, so that a missing one is a defect. */
export function fill(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(PLACE, (_, name: string) => {
    const value = lookUp(name);
    if (value === undefined) throw new Error(`{{${name}}} has no value`);
    return value;
  });
}
