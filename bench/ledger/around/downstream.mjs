// The other side: HTTP and DNS answers after 25 ms, each carrying the moment at which it was sent.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const DELAY_MS = 25;
const nowUs = () => Math.floor(Number(process.hrtime.bigint()) / 1000);

const server = createServer((_, response) => setTimeout(() => response.end(String(nowUs())), DELAY_MS));
server.keepAliveTimeout = 60_000;
const socket = createSocket('udp4', (query, from) => setTimeout(() => socket.send(answerTo(query), from.port, from.address), DELAY_MS));

socket.bind(0, '127.0.0.1', () => {
  server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port} ${socket.address().port}`));
});

/** One A record whose address is the clock's low 32 bits (RFC 1035, 4.1). */
function answerTo(query) {
  let end = 12;
  while (query[end] !== 0) end += query[end] + 1;
  const question = query.subarray(12, end + 5);
  const head = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
  record.writeUInt32BE(nowUs() % 2 ** 32, 12);
  return Buffer.concat([head, question, record]);
}
