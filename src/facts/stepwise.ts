/** Cursors, transactions' brackets, pages that a number or a token names. */
const STEPS =
  / by pages$|\boffset\b|^(?:fetch|begin|start|commit|rollback|savepoint|release|set|show|listen)\b|\bgetMore\b|^[HSZ]?SCAN$|^(?:MULTI|EXEC|WATCH|PING|AUTH|SELECT)$/i;
const LIMITED_BEHIND = /[<>] ?\?.*\blimit\b|\blimit \? ?, ?\?/i;
const BY_KEY = /[^<>!]= ?\?/;

/**
 * Whether a question is asked again because it goes on where the last answer ended, so that no single call could stand for all. A list
 * read by keyset has a LIMIT behind a comparison; with a key beside them it is some rows of each parent.
 */
export function isStepwise(question: string): boolean {
  return STEPS.test(question) || (LIMITED_BEHIND.test(question) && !BY_KEY.test(question));
}
