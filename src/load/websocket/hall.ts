import { randomBytes } from 'node:crypto';
import type { Exchange } from '../channel.js';

/** A message on its way to everybody. */
interface Post<M> {
  sender: M;
  exchange: Exchange;
  missing: Set<M>;
}

/** The sockets of one thread: a message is answered when each of them but its sender has got it. It is known by a mark in its text. */
export class Hall<M> {
  readonly #tag = `ddx-${randomBytes(4).toString('hex')}-`;
  readonly #mark = new RegExp(`${this.#tag}(\\d+)`);
  readonly #members = new Set<M>();
  readonly #posts = new Map<string, Post<M>>();
  #next = 0;

  enter(member: M): void {
    this.#members.add(member);
  }

  /** The mark to send, or null when there is nobody else to get it. */
  post(sender: M, exchange: Exchange): string | null {
    const missing = new Set(this.#members);
    missing.delete(sender);
    if (missing.size === 0) return null;
    const number = String(this.#next++);
    this.#posts.set(number, { sender, exchange, missing });
    return `${this.#tag}${number}`;
  }

  /** What a member got. Returns the post if that completes it; others that it may hear are none of ours. */
  heard(member: M, beginning: string, bytes: number): Post<M> | null {
    const number = this.#mark.exec(beginning)?.[1] ?? '';
    const post = this.#posts.get(number);
    if (!post?.missing.delete(member)) return null;
    post.exchange.answerBytes += bytes;
    if (post.missing.size > 0) return null;
    this.#posts.delete(number);
    return post;
  }

  /** Nobody waits for him any more. Returns his own posts that are not complete, and others' that now are. */
  leave(member: M): { own: Exchange[]; completed: Post<M>[] } {
    this.#members.delete(member);
    const own = this.#take(({ sender }) => sender === member).map(({ exchange }) => exchange);
    for (const { missing } of this.#posts.values()) missing.delete(member);
    return { own, completed: this.#take(({ missing }) => missing.size === 0) };
  }

  /** Posts of a sender that were sent before that moment: given up. */
  expired(member: M, beforeUs: number): Exchange[] {
    return this.#take(({ sender, exchange }) => sender === member && exchange.startUs <= beforeUs).map(({ exchange }) => exchange);
  }

  #take(isWanted: (post: Post<M>) => boolean): Post<M>[] {
    const taken = [...this.#posts].filter(([, post]) => isWanted(post));
    for (const [number] of taken) this.#posts.delete(number);
    return taken.map(([, post]) => post);
  }
}
