import { bulk, error, integer, NIL, type Reply } from "../../base/reply.ts";
import { MAX_SUBSCRIPTION_BYTES } from "../../core/limits.ts";
import { channelWeight, patternWeight } from "../client-memory.ts";
import type { Outcome } from "../request.ts";
import type { Session } from "../session.ts";
import { MULTIPLE, OPTIONAL, patternWord, textWord } from "./arguments.ts";
import type { Call } from "./call.ts";
import { command } from "./define.ts";
import { per } from "./docs.ts";
import { askAside } from "./question.ts";

/** The SUBSCRIBE family: one push for each name, whatever the reply mode. */
const SUBSCRIBING = {
  flags: ["pubsub", "noscript", "loading", "stale"],
  categories: ["pubsub", "slow"],
  group: "pubsub",
  since: "2.0.0",
  complexity: per("names given"),
  isForSubscribers: true,
} as const;

export const subscribeCommand = command({
  name: "subscribe",
  arity: -2,
  ...SUBSCRIBING,
  summary: "Listens to channels.",
  words: [textWord("channel", MULTIPLE)],
  channels: { first: 1, arePatterns: false },
  run: ({ ctx, client, args }) =>
    mayHear(client, args, client.channels, channelWeight)
      ? confirmEach(client, "subscribe", args.slice(1), (name) =>
          ctx.pubsub.subscribe(client, name),
        )
      : TOO_MUCH,
});

export const psubscribeCommand = command({
  name: "psubscribe",
  arity: -2,
  ...SUBSCRIBING,
  summary: "Listens to the channels that match patterns.",
  words: [patternWord("pattern", MULTIPLE)],
  channels: { first: 1, arePatterns: true },
  run: ({ ctx, client, args }) =>
    mayHear(client, args, client.patterns, patternWeight)
      ? confirmEach(client, "psubscribe", args.slice(1), (name) =>
          ctx.pubsub.psubscribe(client, name),
        )
      : TOO_MUCH,
});

export const unsubscribeCommand = command({
  name: "unsubscribe",
  arity: -1,
  ...SUBSCRIBING,
  summary: "Stops listening to channels.",
  words: [textWord("channel", { ...OPTIONAL, ...MULTIPLE })],
  run: ({ ctx, client, args }) =>
    confirmEach(client, "unsubscribe", namesToLeave(args, client.channels), (name) =>
      ctx.pubsub.unsubscribe(client, name),
    ),
});

export const punsubscribeCommand = command({
  name: "punsubscribe",
  arity: -1,
  ...SUBSCRIBING,
  summary: "Stops listening to patterns.",
  words: [patternWord("pattern", { ...OPTIONAL, ...MULTIPLE })],
  run: ({ ctx, client, args }) =>
    confirmEach(client, "punsubscribe", namesToLeave(args, client.patterns), (name) =>
      ctx.pubsub.punsubscribe(client, name),
    ),
});

export const publishCommand = command({
  name: "publish",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast"],
  categories: ["pubsub", "fast"],
  group: "pubsub",
  since: "2.0.0",
  summary: "Hands a hello message of another Sentinel in.",
  words: [textWord("channel"), textWord("message")],
  channels: { first: 1, end: 2, arePatterns: false },
  isWrite: true,
  ask: askAside,
});

const TOO_MUCH = error(
  `ERR the subscriptions of one client take at most ${MAX_SUBSCRIPTION_BYTES} bytes at a Sentinel`,
);

/** All names of a request, or none. */
function mayHear(
  client: Session,
  args: Call["args"],
  current: ReadonlySet<string>,
  weight: (name: string) => number,
): boolean {
  let bytes = client.subscriptionBytes;
  for (const name of new Set(args.slice(1))) if (!current.has(name)) bytes += weight(name);
  return bytes <= MAX_SUBSCRIPTION_BYTES;
}

/** Without names: all of them. */
function namesToLeave(args: Call["args"], current: ReadonlySet<string>): readonly string[] {
  return args.length > 1 ? args.slice(1) : [...current];
}

function confirmEach(
  client: Session,
  kind: string,
  names: readonly string[],
  change: (name: string) => void,
): Outcome {
  for (const name of names) {
    change(name);
    client.push(confirmation(client, kind, bulk(name)));
  }
  // Somebody who leaves everything and had nothing hears so once.
  if (names.length === 0) client.push(confirmation(client, kind, NIL));
  return "answered";
}

function confirmation(client: Session, kind: string, name: Reply): Reply {
  return { type: "push", items: [bulk(kind), name, integer(client.subscriptionCount)] };
}
