// An echo by the ws package; GET tells how many messages came: node ws-server.mjs PORT
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

let count = 0;
const server = createServer((_, response) => response.end(String(count)));
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', (data) => {
    count++;
    socket.send(data, { binary: false });
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
