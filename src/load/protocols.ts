import type { ChannelClass } from './channel.js';
import { Connection } from './connection.js';
import { Http2Connection } from './http2/connection.js';
import { http2Bytes } from './http2/frames.js';
import type { LoadOptions } from './options.js';
import { type Encoder, http1Bytes } from './request-bytes.js';
import { BroadcastConnection, broadcastBytes } from './websocket/broadcast.js';
import { WebSocketConnection } from './websocket/connection.js';
import { messageBytes } from './websocket/frames.js';

/** How requests are written and what carries them. */
export interface Protocol {
  encoder: Encoder;
  channel: ChannelClass;
  /** How many requests one connection carries at a time. */
  streams: number;
}

const CLOSED_STREAMS = 10;
const OPEN_STREAMS = 100;

export function protocolOf({ protocol, arrivals, streams, broadcast }: LoadOptions): Protocol {
  if (protocol === 'websocket' && broadcast !== undefined) return { encoder: broadcastBytes, channel: BroadcastConnection, streams: 1 };
  if (protocol === 'websocket') return { encoder: messageBytes, channel: WebSocketConnection, streams: 1 };
  if (protocol !== 'http2') return { encoder: http1Bytes, channel: Connection, streams: 1 };
  return {
    encoder: http2Bytes,
    channel: Http2Connection,
    streams: streams ?? (arrivals.kind === 'closed' ? CLOSED_STREAMS : OPEN_STREAMS),
  };
}
