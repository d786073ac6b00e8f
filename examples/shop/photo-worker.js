import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { decodePng } from './png.js';

parentPort.on('message', ({ file, width, strip, strips }) => {
  const photo = decodePng(readFileSync(file));
  const height = Math.round((photo.height * width) / photo.width);
  const fromRow = Math.floor((height * strip) / strips);
  const toRow = Math.floor((height * (strip + 1)) / strips);
  parentPort.postMessage({ width, height, rgb: shrink(photo, width, height, fromRow, toRow) });
});

/** Each pixel of rows fromRow..toRow as the mean, in linear light, of those that it covers. */
function shrink(photo, width, height, fromRow, toRow) {
  const rgb = new Uint8Array(width * (toRow - fromRow) * 3);
  for (let y = fromRow; y < toRow; y++) {
    const [top, bottom] = span(y, height, photo.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, photo.width);
      for (let channel = 0; channel < 3; channel++) {
        let light = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++) light += photo.rgb[(row * photo.width + column) * 3 + channel] ** 2;
        rgb[((y - fromRow) * width + x) * 3 + channel] = Math.sqrt(light / ((bottom - top) * (right - left)));
      }
    }
  }
  return rgb;
}

function span(at, of, size) {
  const from = Math.floor((at * size) / of);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * size) / of))];
}
