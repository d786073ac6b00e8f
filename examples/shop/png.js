/** Reads and writes the PNG files that this shop uses: 8 bits per channel, RGB, not interlaced (RFC 2083). */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function decodePng(file) {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG file');
  let header;
  const data = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') data.push(body);
    at += 12 + length;
  }
  if (header?.[8] !== 8 || header[9] !== 2 || header[12] !== 0) throw new Error('only plain 8-bit RGB is understood');
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  return { width, height, rgb: unfilter(inflateSync(Buffer.concat(data)), width * 3, height) };
}

export function encodePng({ width, height, rgb }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2;
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(filter(rgb, width * 3, height))), chunk('IEND')]);
}

function chunk(type, body = Buffer.alloc(0)) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** Each byte as the difference to the pixel on its left. */
function filter(rgb, stride, height) {
  const out = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    out[y * (stride + 1)] = 1;
    for (let x = 0; x < stride; x++) out[y * (stride + 1) + 1 + x] = rgb[y * stride + x] - (x < 3 ? 0 : rgb[y * stride + x - 3]);
  }
  return out;
}

function unfilter(raw, stride, height) {
  const rgb = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const kind = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < 3 ? 0 : rgb[at - 3];
      const up = y === 0 ? 0 : rgb[at - stride];
      const upLeft = x < 3 || y === 0 ? 0 : rgb[at - stride - 3];
      rgb[at] = raw[y * (stride + 1) + 1 + x] + predict(kind, left, up, upLeft);
    }
  }
  return rgb;
}

function predict(kind, left, up, upLeft) {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const guess = left + up - upLeft;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : upLeft;
}
