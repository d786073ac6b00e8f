// The client of Node.js itself: node http2-client.mjs URL CONNECTIONS STREAMS SECONDS
import { connect } from 'node:http2';

const [url, connections, streams, seconds] = process.argv.slice(2);
const endMs = performance.now() + Number(seconds) * 1_000;
for (let i = 0; i < Number(connections); i++) {
  const session = connect(url);
  let open = Number(streams);
  const next = () => {
    if (performance.now() > endMs) {
      if (--open === 0) session.close();
      return;
    }
    const request = session.request({ ':path': '/' });
    request.on('response', () => {});
    request.on('data', () => {});
    request.on('end', next);
    request.end();
  };
  for (let stream = 0; stream < Number(streams); stream++) next();
}
