/** The parts in which the entry files of the frameworks differ. */
export interface Entry {
  imports: string[];
  setup: string;
  /** Its first line is the call. */
  listen: string;
  /** Expression of the http.Server, once `listen` has run. */
  server: string;
}

/** The argument between the host and the callback of `listen`. */
export function backlogArgument(backlog: number | undefined): string {
  return backlog === undefined ? '' : ` ${backlog},`;
}

/** The line by which a started server tells its port. */
export function announce(server: string): string {
  return `console.log(\`listening on \${${server}.address().port}\`);`;
}
