import { strictInteger } from "../../../base/integers.ts";
import { array, bulk, error, integer, map, OK, type Reply } from "../../../base/reply.ts";
import type { ClientId } from "../../../core/input.ts";
import { MAX_SUBSCRIPTION_BYTES } from "../../../core/limits.ts";
import type { Tracking } from "../../client-facts.ts";
import { channelWeight } from "../../client-memory.ts";
import type { ServerContext } from "../../context.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { integerWord, loudWord, MULTIPLE, OPTIONAL, oneOf, textWord, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import type { Command } from "../spec.ts";
import { OWN_CONNECTION } from "./rights.ts";

/*
 * Tracking is remembered as a client asked for it, since some libraries ask of every server they
 * meet. A Sentinel has no keys, so that no invalidation message is ever due.
 */

export const trackingCommands: readonly Command[] = [
  {
    name: "tracking",
    arity: -3,
    ...OWN_CONNECTION,
    since: "6.0.0",
    summary: "Asks for invalidation messages, which a Sentinel never sends.",
    words: [
      oneOf("status", [word("ON"), word("OFF")]),
      integerWord("client-id", { token: "REDIRECT", ...OPTIONAL }),
      textWord("prefix", { token: "PREFIX", ...OPTIONAL, ...MULTIPLE, multipleToken: true }),
      ...["BCAST", "OPTIN", "OPTOUT", "NOLOOP"].map(loudWord),
    ],
    help: [
      [
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
        "         [OPTIN] [OPTOUT] [NOLOOP]",
        "Ask for invalidation messages; a Sentinel has no keys to send any for.",
      ],
    ],
    run: track,
  },
  {
    name: "trackinginfo",
    arity: 2,
    ...OWN_CONNECTION,
    since: "6.2.0",
    summary: "Shows what was asked for with CLIENT TRACKING.",
    help: [["TRACKINGINFO", "Show what was asked for with TRACKING."]],
    run: trackingInfo,
  },
  {
    name: "getredir",
    arity: 2,
    ...OWN_CONNECTION,
    since: "6.0.0",
    summary: "Shows who receives our invalidation messages.",
    help: [["GETREDIR", "Show the client that receives our invalidation messages."]],
    run: ({ client }) => integer(client.tracking?.redirect ?? -1),
  },
  {
    name: "caching",
    arity: 3,
    ...OWN_CONNECTION,
    since: "6.0.0",
    summary: "Chooses whether the keys of the next command are tracked.",
    words: [oneOf("mode", [word("YES"), word("NO")])],
    help: [["CACHING (YES|NO)", "Choose whether the keys of the next command are tracked."]],
    run: caching,
  },
];

interface Options {
  redirect: number;
  broadcast: boolean;
  optin: boolean;
  optout: boolean;
  noloop: boolean;
  prefixes: string[];
}

/** `TRACKING ON|OFF [REDIRECT id] [BCAST] [PREFIX p].. [OPTIN] [OPTOUT] [NOLOOP]`. */
function track({ ctx, client, args }: Call): Outcome {
  const parsed = parseOptions(ctx, args.slice(3));
  if ("type" in parsed) return parsed;
  switch (args[2]?.toUpperCase()) {
    case "ON": {
      const refusal = refuse(parsed, client.tracking);
      if (refusal !== null) return error(`ERR ${refusal}`);
      const merged = merge(parsed, client.tracking);
      if (weightOf(merged) > MAX_SUBSCRIPTION_BYTES) return TOO_MUCH;
      client.tracking = merged;
      client.trackingBytes = weightOf(merged);
      return OK;
    }
    case "OFF":
      client.tracking = null;
      client.trackingBytes = 0;
      return OK;
    default:
      return SYNTAX_ERROR;
  }
}

const TOO_MUCH = error(
  `ERR the prefixes of one client take at most ${MAX_SUBSCRIPTION_BYTES} bytes at a Sentinel`,
);

function weightOf({ prefixes }: Tracking): number {
  return prefixes.reduce((sum, prefix) => sum + channelWeight(prefix), 0);
}

function trackingInfo({ client: { tracking } }: Call): Outcome {
  return map([
    [bulk("flags"), { type: "set", items: flagsOf(tracking).map(bulk) }],
    [bulk("redirect"), integer(tracking?.redirect ?? -1)],
    [bulk("prefixes"), array((tracking?.prefixes ?? []).map(bulk))],
  ]);
}

/** `CACHING YES|NO`: for one command the opposite of what the mode says. */
function caching({ client: { tracking }, args }: Call): Outcome {
  if (tracking === null) {
    return error(
      "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
    );
  }
  switch (args[2]?.toLowerCase()) {
    case "yes":
      return setCaching(tracking, "yes", "optin");
    case "no":
      return setCaching(tracking, "no", "optout");
    default:
      return SYNTAX_ERROR;
  }
}

function setCaching(tracking: Tracking, answer: "yes" | "no", mode: Tracking["mode"]): Reply {
  if (tracking.mode !== mode) {
    const names = `${answer.toUpperCase()} is only valid when tracking is enabled in ${mode.toUpperCase()}`;
    return error(`ERR CLIENT CACHING ${names} mode.`);
  }
  tracking.caching = answer;
  return OK;
}

function parseOptions(ctx: ServerContext, words: readonly string[]): Options | Reply {
  const options: Options = {
    redirect: 0,
    broadcast: false,
    optin: false,
    optout: false,
    noloop: false,
    prefixes: [],
  };
  for (let i = 0; i < words.length; i++) {
    const value = words[i + 1];
    const taken = parseOption(ctx, options, words[i] ?? "", value);
    if (typeof taken !== "number") return taken;
    i += taken;
  }
  return options;
}

/** The number of further words that the option took. */
function parseOption(
  ctx: ServerContext,
  options: Options,
  option: string,
  value: string | undefined,
): number | Reply {
  switch (option.toUpperCase()) {
    case "BCAST":
      options.broadcast = true;
      return 0;
    case "OPTIN":
      options.optin = true;
      return 0;
    case "OPTOUT":
      options.optout = true;
      return 0;
    case "NOLOOP":
      options.noloop = true;
      return 0;
    case "PREFIX":
      if (value === undefined) return SYNTAX_ERROR;
      options.prefixes.push(value);
      return 1;
    case "REDIRECT":
      return value === undefined ? SYNTAX_ERROR : parseRedirect(ctx, options, value);
    default:
      return SYNTAX_ERROR;
  }
}

function parseRedirect(ctx: ServerContext, options: Options, word: string): number | Reply {
  if (options.redirect !== 0) {
    return error("ERR A client can only redirect to a single other client");
  }
  const id = strictInteger(word);
  if (id === null) return NOT_AN_INTEGER;
  if (!ctx.clients.has(Number(id) as ClientId)) {
    return error("ERR The client ID you want redirect to does not exist");
  }
  options.redirect = Number(id);
  return 1;
}

function refuse(options: Options, current: Tracking | null): string | null {
  if (options.prefixes.length > 0 && !options.broadcast) {
    return "PREFIX option requires BCAST mode to be enabled";
  }
  if (current !== null && current.broadcast !== options.broadcast) {
    return "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.";
  }
  if (options.broadcast && (options.optin || options.optout)) {
    return "OPTIN and OPTOUT are not compatible with BCAST";
  }
  if (options.optin && options.optout) {
    return "You can't specify both OPTIN mode and OPTOUT mode";
  }
  const overlap = findOverlap(options.prefixes, current?.prefixes ?? []);
  if (overlap !== null) return overlap;
  const contradicts =
    (options.optin && current?.mode === "optout") || (options.optout && current?.mode === "optin");
  return contradicts
    ? "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
    : null;
}

/** Two prefixes overlap when a key can begin with both: one begins with the other. */
function findOverlap(given: readonly string[], existing: readonly string[]): string | null {
  const overlapping = overlappingOf([...given, ...existing]);
  const index = given.findIndex((prefix) => overlapping.has(prefix));
  const prefix = given[index];
  if (prefix === undefined) return null;
  const sentence = "Prefixes for a single client must not overlap.";
  const old = existing.find((other) => overlaps(prefix, other));
  if (old !== undefined) {
    return `Prefix '${prefix}' overlaps with an existing prefix '${old}'. ${sentence}`;
  }
  const other = given.slice(index + 1).find((later) => overlaps(prefix, later));
  return `Prefix '${prefix}' overlaps with another provided prefix '${other}'. ${sentence}`;
}

/** Sorted, what begins with a prefix follows it without a gap. */
function overlappingOf(prefixes: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  let first: string | null = null;
  for (const prefix of [...prefixes].sort()) {
    if (first !== null && prefix.startsWith(first)) found.add(first).add(prefix);
    else first = prefix;
  }
  return found;
}

function overlaps(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function merge(options: Options, current: Tracking | null): Tracking {
  // Broadcasting without a prefix means every key, which is the empty prefix.
  const given = options.broadcast && options.prefixes.length === 0 ? [""] : options.prefixes;
  const prefixes = new Set([...given, ...(current?.prefixes ?? [])]);
  return {
    mode: options.optin ? "optin" : options.optout ? "optout" : "default",
    broadcast: options.broadcast,
    noloop: options.noloop,
    redirect: options.redirect,
    prefixes: [...prefixes].sort(),
    caching: null,
  };
}

function flagsOf(tracking: Tracking | null): string[] {
  if (tracking === null) return ["off"];
  return [
    "on",
    ...(tracking.broadcast ? ["bcast"] : []),
    ...(tracking.mode === "default" ? [] : [tracking.mode]),
    ...(tracking.caching === null ? [] : [`caching-${tracking.caching}`]),
    ...(tracking.noloop ? ["noloop"] : []),
  ];
}
