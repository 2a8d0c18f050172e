import { globMatcher } from "../../base/glob.ts";
import { strictInteger } from "../../base/integers.ts";
import { bulkMap, error, type Reply } from "../../base/reply.ts";
import { isPort } from "../address.ts";
import { type Context, save } from "../context.ts";
import { LOG_LEVELS, type LogThreshold } from "../effect.ts";
import { tellPeers } from "../greet.ts";
import { instancesOf } from "../records.ts";
import { planEverything } from "../schedule.ts";
import type { Settings } from "../state.ts";
import { controlCharacter, hasControlCharacter } from "./arguments.ts";
import { type Handler, replyOnceSaved } from "./call.ts";

interface Parameter {
  readonly get: (settings: Settings) => string;
  readonly isValid: (value: string) => boolean;
  readonly apply: (ctx: Context, value: string) => void;
}

const yesOrNo = (value: string) => /^(yes|no)$/i.test(value);
const anything = () => true;
const isYes = (value: string) => value.toLowerCase() === "yes";

/** In the order in which a pattern finds them. */
const PARAMETERS: ReadonlyMap<string, Parameter> = new Map<string, Parameter>([
  [
    "resolve-hostnames",
    {
      get: ({ resolveHostnames }) => (resolveHostnames ? "yes" : "no"),
      isValid: yesOrNo,
      apply: ({ state }, value) => {
        state.settings.resolveHostnames = isYes(value);
      },
    },
  ],
  [
    "announce-hostnames",
    {
      get: ({ announceHostnames }) => (announceHostnames ? "yes" : "no"),
      isValid: yesOrNo,
      apply: ({ state }, value) => {
        state.settings.announceHostnames = isYes(value);
      },
    },
  ],
  [
    "announce-ip",
    {
      get: ({ announceIp }) => announceIp ?? "",
      isValid: anything,
      // An empty address would make every peer drop us; it means that none is announced [D-ANNOUNCE-EMPTY].
      apply: ({ state }, value) => {
        state.settings.announceIp = value || null;
      },
    },
  ],
  [
    "announce-port",
    {
      get: ({ announcePort }) => `${announcePort}`,
      isValid: (value) => strictInteger(value) !== null && isPort(Number(value)),
      apply: ({ state }, value) => {
        state.settings.announcePort = Number(value);
      },
    },
  ],
  [
    "sentinel-user",
    {
      get: ({ sentinelUser }) => sentinelUser ?? "",
      isValid: anything,
      apply: ({ state }, value) => {
        state.settings.sentinelUser = value || null;
      },
    },
  ],
  [
    "sentinel-pass",
    {
      get: ({ sentinelPass }) => sentinelPass ?? "",
      isValid: anything,
      apply: ({ state }, value) => {
        state.settings.sentinelPass = value || null;
      },
    },
  ],
  [
    "loglevel",
    {
      get: ({ logThreshold }) => logThreshold,
      isValid: (value) => toThreshold(value) !== undefined,
      apply: (ctx, value) => {
        const threshold = toThreshold(value) ?? ctx.state.settings.logThreshold;
        ctx.state.settings.logThreshold = threshold;
        ctx.effects.push({ type: "logLevel", threshold });
      },
    },
  ],
]);

function toThreshold(value: string): LogThreshold | undefined {
  return LOG_LEVELS.find((level) => level === value.toLowerCase());
}

/** What we say to other Sentinels; told once, however many of them change. */
const CREDENTIALS: ReadonlySet<string> = new Set(["sentinel-user", "sentinel-pass"]);

const USAGE = error(
  "ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET <param> <value> [<param> <value> ...] are supported.",
);

export const setOrGetConfig: Handler = (ctx, call) => {
  const [verb = "", ...words] = call.args;
  if (verb.toLowerCase() === "get" && words.length > 0) return getConfig(ctx, words);
  if (verb.toLowerCase() !== "set" || words.length < 2) return USAGE;
  const refusal = validate(ctx, words) ?? refuseLosingNames(ctx, words);
  if (refusal) return refusal;
  const changes = liveChanges(ctx, words);
  const problem = changes.size === 0 ? null : ctx.live.refuse(changes);
  if (problem !== null) return error(problem);
  if (changes.size > 0) ctx.state.live = new Map([...ctx.state.live, ...changes]);
  for (let i = 0; i < words.length; i += 2) {
    PARAMETERS.get((words[i] ?? "").toLowerCase())?.apply(ctx, words[i + 1] ?? "");
  }
  if (words.some((word, i) => i % 2 === 0 && CREDENTIALS.has(word.toLowerCase()))) tellPeers(ctx);
  planEverything(ctx);
  save(ctx);
  return replyOnceSaved(ctx, call);
};

/** Those of the words that are settings of the process, by their names in lower case. */
function liveChanges(ctx: Context, words: readonly string[]): ReadonlyMap<string, string> {
  const changes = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const name = (words[i] ?? "").toLowerCase();
    if (ctx.live.has(name)) changes.set(name, words[i + 1] ?? "");
  }
  return changes;
}

/**
 * Without names in use, an instance that has no address yet could be neither reached nor saved
 * [D-RESOLVE-OFF].
 */
function refuseLosingNames(ctx: Context, words: readonly string[]): Reply | null {
  const at = words.findIndex(
    (word, i) => i % 2 === 0 && word.toLowerCase() === "resolve-hostnames",
  );
  if (at < 0 || isYes(words[at + 1] ?? "")) return null;
  const instances = [...ctx.state.masters.values()].flatMap(instancesOf);
  const unresolved = instances.find(({ address }) => address.ip === null);
  if (!unresolved) return null;
  const { host } = unresolved.address;
  return error(
    `ERR resolve-hostnames cannot be turned off: the address of '${host}' is not known yet`,
  );
}

function getConfig(ctx: Context, patterns: readonly string[]): Reply {
  const found = new Map<string, string>();
  for (const pattern of new Set(patterns)) {
    const matches = globMatcher(pattern.toLowerCase());
    for (const [name, { get }] of PARAMETERS) {
      if (matches(name)) found.set(name, get(ctx.state.settings));
    }
    // By its name alone: to a pattern the answer is that of C, which scripts read to its end.
    const live = ctx.live.has(pattern.toLowerCase()) ? ctx.live.get(pattern.toLowerCase()) : null;
    if (live !== null) found.set(pattern.toLowerCase(), live);
  }
  return bulkMap([...found]);
}

/** Everything is checked before anything is applied [SENTINEL-CONFIG]. */
function validate(ctx: Context, words: readonly string[]): Reply | null {
  const seen = new Set<string>();
  for (let i = 0; i < words.length; i += 2) {
    const [name = "", value] = words.slice(i, i + 2);
    const parameter = PARAMETERS.get(name.toLowerCase());
    if (!parameter && !ctx.live.has(name.toLowerCase()))
      return error(`ERR Invalid argument '${name}' to SENTINEL CONFIG SET`);
    if (seen.has(name.toLowerCase())) {
      return error(`ERR Duplicate argument '${name}' to SENTINEL CONFIG SET`);
    }
    if (value === undefined) return error(`ERR Missing argument '${name}' value`);
    if (hasControlCharacter(value)) return controlCharacter(`value of '${name}'`);
    if (parameter?.isValid(value) === false) {
      return error(`ERR Invalid value '${value}' to SENTINEL CONFIG SET '${name}'`);
    }
    seen.add(name.toLowerCase());
  }
  return null;
}
