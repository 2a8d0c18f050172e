import { LOG_FORMATS, type LogFormat } from "../log/log-format.ts";
import { StartError } from "../start-error.ts";

/** Options that Redis does not have, in the form of yargs. Each is an environment variable, too. */
export const OWN_FLAGS = {
  "log-format": {
    choices: LOG_FORMATS,
    default: "text",
    describe: "json, or as the file says; also REDIS_SENTINEL_TS_LOG_FORMAT",
  },
} as const;

interface OwnFlags {
  readonly logFormat: LogFormat;
  /** The arguments without ours. */
  readonly rest: readonly string[];
}

/** Those of Valkey's directive of the same name, which stays on the command line. */
const OF_THE_DIRECTIVE = ["legacy", "logfmt"];

/** `--log-format json` or `--log-format=json`, anywhere; the last wins, then the environment. */
export function takeOwnFlags(args: readonly string[], env: NodeJS.ProcessEnv): OwnFlags {
  const rest: string[] = [];
  let wanted = env.REDIS_SENTINEL_TS_LOG_FORMAT ?? "text";
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const isFlag = arg === "--log-format" || arg.startsWith("--log-format=");
    if (!isFlag) {
      rest.push(arg);
      continue;
    }
    const value = arg === "--log-format" ? (args[++at] ?? "") : arg.slice("--log-format=".length);
    if (OF_THE_DIRECTIVE.includes(value.toLowerCase())) rest.push("--log-format", value);
    else wanted = value;
  }
  return { logFormat: checkLogFormat(wanted), rest };
}

function checkLogFormat(wanted: string): LogFormat {
  const format = LOG_FORMATS.find((known) => known === wanted);
  if (format !== undefined) return format;
  const known = [...LOG_FORMATS, ...OF_THE_DIRECTIVE].join(", ");
  throw new StartError(`The log format '${wanted}' is not known: use one of ${known}`);
}
