import { bytesOf } from "../../base/bytes.ts";
import type { Place } from "../../quorum/place.ts";
import type { CommonValues, ServerValues } from "../options.ts";
import { millisOf } from "../times.ts";
import { Trouble } from "../trouble.ts";
import type { Client, ClientOptions, Identity } from "./client.ts";
import type { Conf } from "./conf.ts";
import { placesOf, SENTINEL_PORT } from "./place.ts";
import { readSecret } from "./secrets.ts";

const NOBODY: Identity = { user: null, password: null };

/** How Sentinels and servers are reached: where, with TLS or not, and who we are to them. */
export interface Access {
  /** The Sentinels to ask first; never empty. */
  readonly places: readonly Place[];
  /** All answers together may take as long. */
  readonly timeoutMs: number;
  /** Whether the servers may be asked themselves. */
  readonly asksServers: boolean;
  /** What the file says, if one was named. */
  readonly conf: Conf | null;
  /** @throws NoAnswer or Refusal */
  sentinel(place: Place, timeoutMs?: number): Promise<Client>;
  /** With what is set for the servers of this master. @throws NoAnswer or Refusal */
  server(master: string, place: Place, timeoutMs?: number): Promise<Client>;
}

/** What is read only when it is needed: the file brings the whole reader of configurations with it. */
interface Said {
  readonly conf: Conf | null;
  readonly tls: ClientOptions["tls"];
}

/** @throws Trouble for what cannot be used. */
export async function accessOf(
  values: CommonValues & ServerValues,
  env: NodeJS.ProcessEnv,
): Promise<Access> {
  const timeoutMs = millisOf(values.timeout, "timeout");
  const { conf, tls } = await said(values);
  const sentinels = sentinelIdentity(values, env, conf);
  const servers = serverIdentity(values);
  const options = { tls, timeoutMs };
  // Loaded here, since a help needs none of it, and before the time for answers begins.
  const { Client } = await import("./client.ts");
  return {
    places: placesToAsk(values, env, conf),
    ...{ timeoutMs, conf },
    asksServers: values.servers === true || servers !== null || conf !== null,
    sentinel: (place, limitMs = timeoutMs) =>
      Client.open(place, { ...options, timeoutMs: limitMs, identity: sentinels }),
    server: (master, place, limitMs = timeoutMs) => {
      const identity = servers ?? conf?.servers.get(master) ?? NOBODY;
      return Client.open(place, { ...options, timeoutMs: limitMs, identity });
    },
  };
}

async function said(values: CommonValues): Promise<Said> {
  const conf = values.conf === undefined ? null : (await import("./conf.ts")).readConf(values.conf);
  const wants = [values.cacert, values.cert, values.key].some((file) => file !== undefined);
  if (values.tls !== true && !wants && (conf?.tls ?? null) === null) return { conf, tls: null };
  const { tlsOptions } = await import("./tls.ts");
  return { conf, tls: tlsOptions(values, conf?.tls ?? null) };
}

function placesToAsk(
  { at }: CommonValues,
  { SENTINELS }: NodeJS.ProcessEnv,
  conf: Conf | null,
): readonly Place[] {
  // The file before the environment: it was named for this one command.
  if (at === undefined && conf !== null) return [conf.place];
  const places = placesOf(at ?? SENTINELS ?? "");
  if (places.length > 0) return places;
  if (at !== undefined)
    throw new Trouble("--at names no Sentinel: say host:port or a list of them");
  return [{ host: "127.0.0.1", port: SENTINEL_PORT }];
}

function sentinelIdentity(
  values: CommonValues,
  env: NodeJS.ProcessEnv,
  conf: Conf | null,
): Identity {
  const file = values["auth-file"];
  const password =
    file === undefined ? bytesOf(env.REDISCLI_AUTH ?? "") : readSecret("auth-file", file);
  const user = values.user === undefined ? null : bytesOf(values.user);
  if (password !== "") return { user, password };
  if (user !== null) {
    throw new Trouble(
      "--user needs a password: --auth-file FILE, or REDISCLI_AUTH in the environment",
    );
  }
  return conf?.sentinels ?? NOBODY;
}

function serverIdentity(values: ServerValues): Identity | null {
  const file = values["servers-auth-file"];
  const user = values["servers-user"];
  if (file !== undefined) {
    const password = readSecret("servers-auth-file", file);
    return { user: user === undefined ? null : bytesOf(user), password };
  }
  if (user !== undefined) throw new Trouble("--servers-user needs --servers-auth-file FILE");
  return null;
}
