import { parentPort, workerData } from 'node:worker_threads';
import { runLoad } from './engine.js';
import type { FromWorker, ToWorker, WorkerData } from './load.js';

// Inside the thread that startLoad starts.
if (parentPort) {
  const port = parentPort;
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const { options, wants } = workerData as WorkerData;
  const run = runLoad(options, {
    ...(wants.rows ? { rows: (rows) => post({ t: 'rows', rows }, [rows.buffer as ArrayBuffer]) } : {}),
    ...(wants.tally ? { tally: (tally) => post({ t: 'tally', tally }) } : {}),
    phase: (phase) => post({ t: 'phase', phase }),
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
