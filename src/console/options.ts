import type { InferredOptionTypes } from "yargs";

/** An option of a command, in the form of yargs. */
export interface ConsoleOption {
  readonly alias?: string;
  readonly type: "boolean" | "string" | "number";
  /** It may be given more than once, and takes all words up to the next option. */
  readonly array?: true;
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean;
  readonly describe: string;
}

export type ConsoleOptions = Readonly<Record<string, ConsoleOption>>;

/** Those that every command has. */
export const COMMON_OPTIONS = {
  at: {
    type: "string",
    describe:
      "Sentinels to ask first, host:port,...; else those of SENTINELS in the environment, of --conf, or 127.0.0.1:26379",
  },
  conf: {
    type: "string",
    describe: "sentinel.conf to take port, TLS and passwords from; it is only read",
  },
  "auth-file": {
    type: "string",
    describe:
      "file (mode 0600) whose first line is the password of the Sentinels; REDISCLI_AUTH does the same",
  },
  user: { type: "string", describe: "ACL user at the Sentinels" },
  tls: { type: "boolean", describe: "connect with TLS" },
  cacert: { type: "string", describe: "authority that signed their certificates" },
  cert: { type: "string", describe: "our certificate" },
  key: { type: "string", describe: "the key of our certificate" },
  timeout: {
    type: "string",
    default: "3s",
    describe: "how long to wait for all answers together: 500ms, 3s, 1m",
  },
  json: { type: "boolean", describe: 'print JSON, with "schema": 1' },
  "no-color": { type: "boolean", describe: "no colours; so does NO_COLOR in the environment" },
} as const satisfies ConsoleOptions;

/** For commands that may ask the servers themselves. */
export const SERVER_OPTIONS = {
  servers: {
    type: "boolean",
    describe: "ask the servers themselves, too; --conf and --servers-auth-file imply it",
  },
  "servers-auth-file": {
    type: "string",
    describe: "file (mode 0600) whose first line is the password of the servers",
  },
  "servers-user": { type: "string", describe: "ACL user at the servers" },
} as const satisfies ConsoleOptions;

export type ValuesOf<O extends ConsoleOptions> = InferredOptionTypes<O>;
export type CommonValues = ValuesOf<typeof COMMON_OPTIONS>;
export type ServerValues = Partial<ValuesOf<typeof SERVER_OPTIONS>>;
