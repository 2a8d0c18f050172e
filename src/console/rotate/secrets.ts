import { bytesOf, textOf } from "../../base/bytes.ts";
import { ACTED } from "../command.ts";
import type { Conf } from "../connect/conf.ts";
import { readSecret } from "../connect/secrets.ts";
import { Trouble } from "../trouble.ts";
import type { Secret } from "./secret.ts";

/** The options that name users and files. */
type SecretOptions = Readonly<
  Partial<
    Record<
      | "servers-user"
      | "servers-auth-file"
      | "new-servers-auth-file"
      | "of-servers-user"
      | "old-servers-auth-file"
      | "user"
      | "auth-file"
      | "new-auth-file"
      | "of-user"
      | "old-auth-file",
      string | undefined
    >
  >
>;

interface NamedSecret extends Secret {
  /** As the command line has it. */
  readonly userText: string;
}

/** What is to be changed, out of files and the configuration. @throws Trouble for what is missing. */
export function secretsOf(
  options: SecretOptions,
  env: NodeJS.ProcessEnv,
  conf: Conf | null,
  name: string | null,
): { readonly servers: NamedSecret | null; readonly sentinels: NamedSecret | null } {
  const [first] = conf?.servers.keys() ?? [];
  const inConf = conf?.servers.get(name ?? first ?? "") ?? null;
  const servers = secret(options, {
    next: "new-servers-auth-file",
    old: ["old-servers-auth-file", "servers-auth-file"],
    user: options["of-servers-user"] ?? options["servers-user"] ?? text(inConf?.user),
    otherwise: inConf?.password ?? null,
  });
  const sentinels = secret(options, {
    next: "new-auth-file",
    old: ["old-auth-file", "auth-file"],
    user: options["of-user"] ?? options.user ?? text(conf?.sentinels.user),
    otherwise: env.REDISCLI_AUTH ? bytesOf(env.REDISCLI_AUTH) : (conf?.sentinels.password ?? null),
  });
  if (servers !== null || sentinels !== null) return { servers, sentinels };
  throw new Trouble(
    "which password? Name --new-servers-auth-file FILE, --new-auth-file FILE, or both",
    ACTED.refused,
  );
}

function text(user: string | null | undefined): string | undefined {
  return user === null || user === undefined ? undefined : textOf(user);
}

function secret(
  options: SecretOptions,
  about: {
    readonly next: keyof SecretOptions;
    readonly old: readonly (keyof SecretOptions)[];
    readonly user: string | undefined;
    readonly otherwise: string | null;
  },
): NamedSecret | null {
  const path = options[about.next];
  if (path === undefined) return null;
  const next = readSecret(about.next, path);
  const oldName = about.old.find((one) => options[one] !== undefined);
  const oldPath = oldName === undefined ? undefined : options[oldName];
  const old =
    oldName === undefined || oldPath === undefined ? about.otherwise : readSecret(oldName, oldPath);
  if (old === null || old === "") {
    throw new Trouble(
      `the old password is needed to remove it: --${about.old.at(-1)} FILE, or --conf`,
      ACTED.refused,
    );
  }
  if (old === next) {
    const from = oldName === undefined ? "the configuration" : `--${oldName}`;
    throw new Trouble(
      `--${about.next} and ${from} have the same password: name the old one with --${about.old[0]} FILE`,
      ACTED.refused,
    );
  }
  const userText = about.user ?? "default";
  return { user: bytesOf(userText), userText, old, next };
}
