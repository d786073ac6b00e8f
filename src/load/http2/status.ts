/** Of the static table (RFC 7541, appendix A), from index 8. */
const INDEXED = [200, 204, 206, 304, 400, 404, 500];
const FIRST = 8;
const LAST = 14;

/**
 * The status at the beginning of a header block, without decoding the rest: it comes before all other fields (RFC 9113, 8.3), and with a
 * dynamic table of size 0 no state has to be kept. 0 for a block that begins otherwise: trailers, or garbage.
 */
export function statusOf(block: Uint8Array, from: number, to: number): number {
  let at = from;
  // Changes of the table's size may stand before the fields.
  while (at < to && (block[at]! & 0xe0) === 0x20) {
    if ((block[at++]! & 0x1f) === 0x1f) while (at < to && (block[at++]! & 0x80) !== 0);
  }
  if (at >= to) return 0;
  const first = block[at++]!;
  if (first & 0x80) return INDEXED[(first & 0x7f) - FIRST] ?? 0;
  const name = first & 0x40 ? first & 0x3f : first & 0x0f;
  if (name < FIRST || name > LAST || at >= to) return 0;
  const isHuffman = (block[at]! & 0x80) !== 0;
  const length = block[at++]! & 0x7f;
  if (at + length > to) return 0;
  const digits = isHuffman ? huffmanDigits(block, at, at + length) : String.fromCharCode(...block.subarray(at, at + length));
  return /^[1-9]\d\d$/.test(digits) ? Number(digits) : 0;
}

/** Only digits can stand there: 0, 1 and 2 have five bits, the others six (RFC 7541, appendix B). */
function huffmanDigits(block: Uint8Array, from: number, to: number): string {
  let bits = '';
  for (let at = from; at < to; at++) bits += block[at]!.toString(2).padStart(8, '0');
  let digits = '';
  while (digits.length < 3 && bits.length >= 5) {
    const five = Number.parseInt(bits.slice(0, 5), 2);
    const six = Number.parseInt(bits.slice(0, 6), 2);
    if (five <= 2) digits += five;
    else if (bits.length >= 6 && six >= 0x19 && six <= 0x1f) digits += six - 0x19 + 3;
    else return '';
    bits = bits.slice(five <= 2 ? 5 : 6);
  }
  return digits;
}
