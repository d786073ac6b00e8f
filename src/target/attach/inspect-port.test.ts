import { describe, expect, it } from 'vitest';
import { inspectAddress } from './inspect-port.js';

const port = (argv: string[], options = '') => inspectAddress(['node', ...argv], options);

describe('inspectAddress', () => {
  it.each([
    [['server.js'], '', '127.0.0.1', 9229],
    [['--inspect-port=9333', 'server.js'], '', '127.0.0.1', 9333],
    [['--inspect-port', '9333', 'server.js'], '', '127.0.0.1', 9333],
    [['--inspect=[::1]:9444', 'server.js'], '', '[::1]', 9444],
    [['--inspect=0.0.0.0:9444', 'server.js'], '', '127.0.0.1', 9444],
    [['--inspect', 'server.js'], '--inspect-port=0', '127.0.0.1', 0],
    [['server.js'], '--max-old-space-size=64 --inspect-port=0', '127.0.0.1', 0],
    [['--inspect-port=9333', 'server.js'], '--inspect-port=9444', '127.0.0.1', 9333],
    // What follows the script is the application's own business.
    [['server.js', '--inspect-port=9333'], '', '127.0.0.1', 9229],
    [['--inspect-port=70000', 'server.js'], '', '127.0.0.1', 9229],
  ])('%j with NODE_OPTIONS=%j', (argv, options, host, expected) => {
    expect(port(argv, options)).toEqual({ host, port: expected });
  });
});
