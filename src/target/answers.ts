import { connect } from 'node:net';

/** `http`: it speaks HTTP/1. `other`: it accepts connections and says something else, or nothing. */
export type Answer = 'http' | 'other' | 'refused';

/**
 * HTTP/1.1 without a Host header: every server must answer 400 (RFC 9112, 3.2), and Node does so without calling the application
 * (requireHostHeader, from Node 20), so that the question leaves no trace in it.
 */
const QUESTION = 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n';

export function ask(host: string, port: number, withinMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    let connected = false;
    let heard = '';
    const socket = connect({ host, port });
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(connected ? 'other' : 'refused'), withinMs);
    socket.setEncoding('latin1');
    socket.once('connect', () => {
      connected = true;
      socket.write(QUESTION);
    });
    socket.on('data', (text) => {
      heard += text;
      if (heard.length >= 7) finish(/^HTTP\/1/.test(heard) ? 'http' : 'other');
    });
    socket.once('error', () => finish(connected ? 'other' : 'refused'));
    socket.once('close', () => finish(connected ? 'other' : 'refused'));
  });
}

/** Where to connect to reach a server that listens on `address`. */
export function hostsFor(address: string): string[] {
  if (address === '0.0.0.0') return ['127.0.0.1'];
  if (address === '::' || address === '') return ['127.0.0.1', '::1'];
  return [address];
}
