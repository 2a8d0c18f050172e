import { LOG_FORMATS, type LogFormat } from "./log-format.ts";
import { StartError } from "./start-error.ts";

/** Options that Redis does not have, in the form of yargs. Each is an environment variable, too. */
export const OWN_FLAGS = {
  "log-format": {
    choices: LOG_FORMATS,
    default: "text",
    describe: "How the log is written; also REDIS_SENTINEL_TS_LOG_FORMAT",
  },
} as const;

export interface OwnFlags {
  readonly logFormat: LogFormat;
  /** The arguments without ours. */
  readonly rest: readonly string[];
}

/** `--log-format json` or `--log-format=json`, anywhere; the last wins, then the environment. */
export function takeOwnFlags(args: readonly string[], env: NodeJS.ProcessEnv): OwnFlags {
  const rest: string[] = [];
  let wanted = env.REDIS_SENTINEL_TS_LOG_FORMAT ?? "text";
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--log-format") wanted = args[++at] ?? "";
    else if (arg.startsWith("--log-format=")) wanted = arg.slice("--log-format=".length);
    else rest.push(arg);
  }
  return { logFormat: checkLogFormat(wanted), rest };
}

function checkLogFormat(wanted: string): LogFormat {
  const format = LOG_FORMATS.find((known) => known === wanted);
  if (format !== undefined) return format;
  throw new StartError(`The log format '${wanted}' is not known: use ${LOG_FORMATS.join(" or ")}`);
}
