import { parentPort, workerData } from 'node:worker_threads';
import { runLoad } from './engine.js';
import type { FromWorker, ToWorker } from './load.js';
import type { LoadOptions } from './options.js';

// Inside the thread that startLoad starts.
if (parentPort) {
  const port = parentPort;
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const run = runLoad(workerData as LoadOptions, {
    rows: (rows) => post({ t: 'rows', rows }, [rows.buffer as ArrayBuffer]),
    progress: (progress) => post({ t: 'progress', progress }),
  });
  port.on('message', (message: ToWorker) => {
    if (message === 'stop') void run.stop();
  });
  void run.done.then((summary) => {
    post({ t: 'done', summary });
    port.close();
  });
}
