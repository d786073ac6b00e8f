// Answers each message 15 ms later, with the moment at which it did.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id }) => {
  setTimeout(() => parentPort.postMessage({ id, atUs: Number(process.hrtime.bigint()) / 1000 }), 15);
});
