import { globMatcher } from "../core/glob.ts";
import { bulk, type Reply } from "../core/reply.ts";

/** Somebody who can hear messages. */
export interface Subscriber {
  /** In the order of subscription; replaced by `PubSub`. */
  channels: ReadonlySet<string>;
  patterns: ReadonlySet<string>;
  deliver(message: Reply): void;
}

/** What most clients hear, without a set of their own. */
export const NOTHING: ReadonlySet<string> = new Set();

/** Who hears which channel. */
export class PubSub {
  readonly #byChannel = new Map<string, Set<Subscriber>>();
  readonly #byPattern = new Map<string, Set<Subscriber>>();
  /** Of every pattern in use, compiled when its first subscriber comes. */
  readonly #matchers = new Map<string, (channel: string) => boolean>();

  get channelCount(): number {
    return this.#byChannel.size;
  }

  get patternCount(): number {
    return this.#byPattern.size;
  }

  subscribe(subscriber: Subscriber, channel: string): void {
    subscriber.channels = withName(subscriber.channels, channel);
    addTo(this.#byChannel, channel, subscriber);
  }

  psubscribe(subscriber: Subscriber, pattern: string): void {
    subscriber.patterns = withName(subscriber.patterns, pattern);
    addTo(this.#byPattern, pattern, subscriber);
    if (!this.#matchers.has(pattern)) this.#matchers.set(pattern, globMatcher(pattern));
  }

  unsubscribe(subscriber: Subscriber, channel: string): void {
    subscriber.channels = withoutName(subscriber.channels, channel);
    removeFrom(this.#byChannel, channel, subscriber);
  }

  punsubscribe(subscriber: Subscriber, pattern: string): void {
    subscriber.patterns = withoutName(subscriber.patterns, pattern);
    removeFrom(this.#byPattern, pattern, subscriber);
    if (!this.#byPattern.has(pattern)) this.#matchers.delete(pattern);
  }

  /** A client went away. */
  drop(subscriber: Subscriber): void {
    for (const channel of [...subscriber.channels]) this.unsubscribe(subscriber, channel);
    for (const pattern of [...subscriber.patterns]) this.punsubscribe(subscriber, pattern);
  }

  /** Exact subscribers first, then one delivery for each matching pattern. */
  publish(channel: string, payload: string): void {
    const message = push("message", channel, payload);
    for (const subscriber of [...(this.#byChannel.get(channel) ?? [])]) subscriber.deliver(message);
    for (const [pattern, subscribers] of [...this.#byPattern]) {
      if (this.#matchers.get(pattern)?.(channel) !== true) continue;
      const patternMessage = push("pmessage", pattern, channel, payload);
      for (const subscriber of [...subscribers]) subscriber.deliver(patternMessage);
    }
  }
}

function push(...words: string[]): Reply {
  return { type: "push", items: words.map(bulk) };
}

/** The same set, which grows, unless there is none yet. */
function withName(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return names === NOTHING ? new Set([name]) : (names as Set<string>).add(name);
}

function withoutName(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  (names as Set<string>).delete(name);
  return names.size === 0 ? NOTHING : names;
}

function addTo(index: Map<string, Set<Subscriber>>, key: string, subscriber: Subscriber): void {
  const subscribers = index.get(key);
  if (subscribers === undefined) index.set(key, new Set([subscriber]));
  else subscribers.add(subscriber);
}

function removeFrom(index: Map<string, Set<Subscriber>>, key: string, who: Subscriber): void {
  const subscribers = index.get(key);
  if (subscribers?.delete(who) && subscribers.size === 0) index.delete(key);
}
