/** The parts in which the entry files of the frameworks differ. */
export interface Entry {
  imports: string[];
  setup: string;
  listen: string;
  /** Expression of the http.Server, once `listen` has run. */
  server: string;
}

/** The line by which a started server tells its port. */
export function announce(server: string): string {
  return `console.log(\`listening on \${${server}.address().port}\`);`;
}
