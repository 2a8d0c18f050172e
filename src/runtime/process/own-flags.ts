import { DEFAULT_GUARDS, type Guards } from "../../core/guards.ts";
import type { MaxLag } from "../../core/lag-guard.ts";
import { LOG_FORMATS, type LogFormat } from "../log/log-format.ts";
import { StartError } from "../start-error.ts";
import { GUARD_WORDS, readGuards, readMaxLag, readRefusedAfter } from "./guard-words.ts";
import { type HttpPlace, readHttpNames, readHttpPlace, readPath, readYesNo } from "./http-flags.ts";

/** A flag that Redis does not have. Each is an environment variable, too: REDIS_SENTINEL_TS_ and its name. */
interface OwnFlag<Value> {
  /** For `--help`, the man page and completion. */
  readonly describe: string;
  readonly choices?: readonly string[];
  /** As it is shown. */
  readonly default?: string;
  /**
   * What was said: in the environment, then on the command line; the last counts, unless they add up.
   *
   * @throws StartError for what it does not understand.
   */
  readonly read: (said: readonly string[]) => Value;
  /** Whether a value is meant for us; if not, both words stay on the command line. */
  readonly isOurs?: (value: string) => boolean;
}

/** All of them, one row each. The flag of `logFormat` is `--log-format`. */
const FLAGS = {
  logFormat: {
    choices: LOG_FORMATS,
    default: "text",
    describe: "json, or as the file says",
    read: readLogFormat,
    isOurs: (value) => !OF_THE_DIRECTIVE.includes(value.toLowerCase()),
  } satisfies OwnFlag<LogFormat>,
  guard: {
    default: `reborn=${DEFAULT_GUARDS.reborn},lineage=${DEFAULT_GUARDS.lineage}`,
    describe: `against lost data: ${GUARD_WORDS.join(", ")}`,
    read: readGuards,
  } satisfies OwnFlag<Pick<Guards, "reborn" | "lineage">>,
  refusedAfter: {
    default: `${DEFAULT_GUARDS.refusedAfterMs}`,
    describe:
      "milliseconds after which a master that refuses connections is down, 0: as down-after says",
    read: readRefusedAfter,
  } satisfies OwnFlag<number>,
  http: {
    default: "off",
    describe: "[host:]port for probes, metrics and the page, of 127.0.0.1 if no host is said",
    read: readHttpPlace,
  } satisfies OwnFlag<HttpPlace | null>,
  httpHost: {
    describe: "names by which others ask for them, besides those of this machine; *: any",
    read: readHttpNames,
  } satisfies OwnFlag<readonly string[]>,
  httpTokenFile: {
    describe: "file with the token that lets others than this machine see everything",
    read: readPath,
  } satisfies OwnFlag<string | null>,
  webhooks: {
    describe: "file that says which events are posted where",
    read: readPath,
  } satisfies OwnFlag<string | null>,
  httpTls: {
    choices: ["yes", "no"],
    default: "no",
    describe: "TLS for them, with the certificate of tls-cert-file",
    read: (said) => readYesNo("--http-tls", said),
  } satisfies OwnFlag<boolean>,
  maxLag: {
    default: "off",
    describe:
      "bytes of the last seen offset that a replica may lack in a failover, if another lacks less; with ,strict also if none does",
    read: readMaxLag,
  } satisfies OwnFlag<MaxLag | null>,
  handoverOnShutdown: {
    choices: ["yes", "no"],
    default: "no",
    describe: "yes: a master that says that it shuts down (Redis 7) is handed over before it does",
    read: (said) => readYesNo("--handover-on-shutdown", said),
  } satisfies OwnFlag<boolean>,
};

type Flags = typeof FLAGS;
export type OwnSettings = { readonly [Name in keyof Flags]: ReturnType<Flags[Name]["read"]> };

const ROWS: readonly (OwnFlag<unknown> & { readonly name: string; readonly flag: string })[] =
  Object.entries<OwnFlag<unknown>>(FLAGS).map(([name, row]) => {
    return { ...row, name, flag: `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}` };
  });

/** For `--help`, in the form of yargs. */
export function ownOptions(): Record<string, Omit<OwnFlag<never>, "read"> & { type?: "string" }> {
  return Object.fromEntries(
    ROWS.map(({ flag, choices, default: shown, describe }) => [
      flag.slice(2),
      {
        ...(choices === undefined ? { type: "string" as const } : { choices }),
        ...(shown !== undefined && { default: shown }),
        describe: `${describe}; also ${variable(flag)}`,
      },
    ]),
  );
}

/**
 * Ours are taken out wherever they stand, as `--flag value` or `--flag=value`; a value that is said again wins.
 *
 * @throws StartError
 */
export function takeOwnFlags(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly own: OwnSettings; readonly rest: readonly string[] } {
  const said = new Map(ROWS.map(({ flag }) => [flag, saidIn(env, flag)]));
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const [flag = "", ...parts] = arg.split("=");
    const row = ROWS.find((one) => one.flag === flag);
    const value = parts.length > 0 ? parts.join("=") : (args[at + 1] ?? "");
    if (row === undefined) {
      rest.push(arg);
      continue;
    }
    if (arg === flag) at++;
    if (row.isOurs?.(value) ?? true) said.get(flag)?.push(value);
    else rest.push(flag, value);
  }
  const read = ROWS.map(({ name, flag, read: readOne }) => [name, readOne(said.get(flag) ?? [])]);
  return { own: Object.fromEntries(read), rest };
}

/** An empty variable says nothing: that is how charts leave one out. */
function saidIn(env: NodeJS.ProcessEnv, flag: string): string[] {
  const value = env[variable(flag)] ?? "";
  return value === "" ? [] : [value];
}

function variable(flag: string): string {
  return `REDIS_SENTINEL_TS_${flag.slice(2).replaceAll("-", "_").toUpperCase()}`;
}

/** Those of Valkey's directive of the same name, which stays on the command line. */
const OF_THE_DIRECTIVE = ["legacy", "logfmt"];

function readLogFormat(said: readonly string[]): LogFormat {
  const wanted = said.at(-1) ?? "text";
  const format = LOG_FORMATS.find((known) => known === wanted);
  if (format !== undefined) return format;
  const known = [...LOG_FORMATS, ...OF_THE_DIRECTIVE].join(", ");
  throw new StartError(`The log format '${wanted}' is not known: use one of ${known}`);
}
