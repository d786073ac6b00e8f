import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { beginWait } from '../waits.js';
import { type Fn, replace } from '../wrap.js';
import { callUntilSettled } from './answers.js';

/** kafkajs makes its producers from closures: they are caught where they are handed out, which a probe that comes later does not see. */
export const kafkaPatches: ModulePatch[] = [
  {
    file: packageFile('kafkajs/src/index'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'Client');
      if (prototype) replace(prototype, 'producer', wrapProducer);
    },
  },
];

/** Each is remembered until the session ends; who makes one per message has other troubles. */
const MOST_PRODUCERS = 50;
let producers = 0;

function wrapProducer(original: Fn): Fn {
  return function (...args) {
    const producer = Reflect.apply(original, this, args) as object;
    if (producers++ < MOST_PRODUCERS) for (const name of ['send', 'sendBatch']) replace(producer, name, wrapSend);
    return producer;
  };
}

function wrapSend(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    const { topic, topicMessages } = (args[0] ?? {}) as { topic?: unknown; topicMessages?: readonly { topic?: unknown }[] };
    const topics = topic ?? topicMessages?.map((one) => one.topic).join() ?? '';
    return callUntilSettled(original, this, args, beginWait('queue', `kafka send ${String(topics).slice(0, 100)}`, wrapped));
  };
  return wrapped;
}
