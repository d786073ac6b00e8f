// The client of the ws package: node ws-client.mjs URL SOCKETS SECONDS
import { WebSocket } from 'ws';

const [url, sockets, seconds] = process.argv.slice(2);
const endMs = performance.now() + Number(seconds) * 1_000;
for (let i = 0; i < Number(sockets); i++) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const send = () => (performance.now() > endMs ? socket.close() : socket.send('a message of 28 characters..'));
  socket.on('open', send);
  socket.on('message', send);
}
