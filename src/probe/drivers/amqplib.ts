import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { beginWait } from '../waits.js';
import { type Fn, replace } from '../wrap.js';
import { callUntilAnswered } from './answers.js';

interface Channel {
  connection?: { stream?: { remoteAddress?: string; remotePort?: number } };
}

/** amqplib, with promises and with callbacks. Delivered messages are work that begins, not a wait that ends. */
export const amqpPatches: ModulePatch[] = [
  {
    file: packageFile('amqplib/lib/channel'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'Channel');
      if (prototype) replace(prototype, '_rpc', wrapRpc);
    },
  },
  ...['amqplib/lib/channel_model', 'amqplib/lib/callback_model'].map((path) => ({
    file: packageFile(path),
    apply(exports: unknown) {
      const prototype = prototypeOf(exports, 'ConfirmChannel');
      if (!prototype) return;
      replace(prototype, 'publish', wrapPublish);
      replace(prototype, 'waitForConfirms', wrapConfirms);
    },
  })),
];

/** Declaring, binding, getting: what the broker answers to. */
function wrapRpc(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('queue', `${brokerOf(this as Channel)} call`, wrapped));
  };
  return wrapped;
}

/** Without a callback nobody waits for the confirmation of this message. */
function wrapPublish(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing || typeof args[args.length - 1] !== 'function') return Reflect.apply(original, this, args);
    const wait = beginWait('queue', `${brokerOf(this as Channel)} publish ${args[0] === '' ? args[1] : args[0]}`, wrapped);
    return callUntilAnswered(original, this, args, wait);
  };
  return wrapped;
}

function wrapConfirms(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('queue', `${brokerOf(this as Channel)} confirms`, wrapped));
  };
  return wrapped;
}

function brokerOf({ connection }: Channel): string {
  const { remoteAddress = 'localhost', remotePort = 5672 } = connection?.stream ?? {};
  return `amqp://${remoteAddress}:${remotePort}`;
}
