import { globMatcher } from "../base/glob.ts";
import { bulk, type Reply } from "../base/reply.ts";
import { channelWeight, patternWeight } from "./client-memory.ts";

/** Somebody who can hear messages. */
export interface Subscriber {
  /** In the order of subscription; replaced by `PubSub`. */
  channels: ReadonlySet<string>;
  patterns: ReadonlySet<string>;
  /** What both weigh together (`client-memory.ts`). */
  subscriptionBytes: number;
  deliver(message: Reply): void;
}

/** What most clients hear, without a set of their own. */
export const NOTHING: ReadonlySet<string> = new Set();

/** Channels for which the patterns that match are known; a Sentinel has some forty events. */
const MAX_KNOWN_CHANNELS = 64;

/** Who hears which channel. */
export class PubSub {
  readonly #byChannel = new Map<string, Set<Subscriber>>();
  readonly #byPattern = new Map<string, Set<Subscriber>>();
  /** Of every pattern in use, compiled when its first subscriber comes. */
  readonly #matchers = new Map<string, (channel: string) => boolean>();
  /**
   * By channel the patterns that match it, in the order in which they came into use: who subscribes
   * pays for the test, not each event.
   */
  readonly #matching = new Map<string, Set<string>>();

  get channelCount(): number {
    return this.#byChannel.size;
  }

  get patternCount(): number {
    return this.#byPattern.size;
  }

  subscribe(subscriber: Subscriber, channel: string): void {
    if (subscriber.channels.has(channel)) return;
    subscriber.channels = withName(subscriber.channels, channel);
    subscriber.subscriptionBytes += channelWeight(channel);
    addTo(this.#byChannel, channel, subscriber);
  }

  psubscribe(subscriber: Subscriber, pattern: string): void {
    if (subscriber.patterns.has(pattern)) return;
    subscriber.patterns = withName(subscriber.patterns, pattern);
    subscriber.subscriptionBytes += patternWeight(pattern);
    addTo(this.#byPattern, pattern, subscriber);
    if (!this.#matchers.has(pattern)) this.#use(pattern);
  }

  unsubscribe(subscriber: Subscriber, channel: string): void {
    if (!subscriber.channels.has(channel)) return;
    subscriber.channels = withoutName(subscriber.channels, channel);
    subscriber.subscriptionBytes -= channelWeight(channel);
    removeFrom(this.#byChannel, channel, subscriber);
  }

  punsubscribe(subscriber: Subscriber, pattern: string): void {
    if (!subscriber.patterns.has(pattern)) return;
    subscriber.patterns = withoutName(subscriber.patterns, pattern);
    subscriber.subscriptionBytes -= patternWeight(pattern);
    removeFrom(this.#byPattern, pattern, subscriber);
    if (this.#byPattern.has(pattern)) return;
    this.#matchers.delete(pattern);
    for (const patterns of this.#matching.values()) patterns.delete(pattern);
  }

  /** Its first subscriber came. */
  #use(pattern: string): void {
    const matches = globMatcher(pattern);
    this.#matchers.set(pattern, matches);
    for (const [channel, patterns] of this.#matching) if (matches(channel)) patterns.add(pattern);
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
    for (const pattern of [...this.#patternsOf(channel)]) {
      const patternMessage = push("pmessage", pattern, channel, payload);
      for (const subscriber of [...(this.#byPattern.get(pattern) ?? [])]) {
        subscriber.deliver(patternMessage);
      }
    }
  }

  #patternsOf(channel: string): Set<string> {
    const known = this.#matching.get(channel);
    if (known !== undefined) return known;
    const found = new Set<string>();
    for (const [pattern, matches] of this.#matchers) if (matches(channel)) found.add(pattern);
    if (this.#matching.size >= MAX_KNOWN_CHANNELS) this.#matching.clear();
    this.#matching.set(channel, found);
    return found;
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
