import type { MasterPicture, QuorumPicture, SentinelPicture } from "../../quorum/picture.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import { rowOf } from "../../quorum/rows.ts";
import { ACTED } from "../command.ts";
import type { Access } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";
import { shown } from "../shown.ts";
import { Trouble } from "../trouble.ts";
import { accountOf } from "./account.ts";
import type { Account, Secret } from "./secret.ts";

/** What is to be changed. */
export interface Secrets {
  /** Of a user at the servers; null: nothing there. */
  readonly servers: Secret | null;
  /** Of a user at the Sentinels. */
  readonly sentinels: Secret | null;
}

export interface ServerNode {
  readonly name: string;
  readonly master: string;
  readonly client: Client;
  readonly account: Account;
  /** How it logs in at its master: as this user, with the old or the new password, or with another one. */
  readonly replication: "old" | "next" | "other";
}

export interface SentinelNode {
  readonly name: string;
  readonly client: Client;
  readonly isOurs: boolean;
  /** All that it watches of the masters in question. */
  readonly masters: readonly string[];
  /** Of these, those at whose servers it logs in as the user in question. */
  readonly saysTo: readonly string[];
  /** Null: nothing is changed at Sentinels. */
  readonly account: Account | null;
  /** Whether it logs in at its peers as that user, and with the new password already. */
  readonly peers: "other" | "old" | "next";
}

/** All servers and Sentinels of some masters, with a connection to each. */
export interface Group {
  readonly servers: readonly ServerNode[];
  readonly sentinels: readonly SentinelNode[];
}

/** A C Sentinel that has a new password is deaf for a second or so: with a quorum of one it would fail over. */
const DEAF_MS = 5_000;

/** Within that it is back, if its user may say its name at all. */
const BACK_MS = 2_000;
const POLL_MS = 50;

/** Looks at all of them, and changes nothing. @throws Trouble if one is missing or cannot be changed. */
export async function groupOf(
  access: Access,
  picture: QuorumPicture,
  secrets: Secrets,
): Promise<Group> {
  refuseUnfit(picture);
  const servers: ServerNode[] = [];
  const users = new Map<string, Users>();
  for (const master of picture.masters) {
    if (secrets.servers === null) continue;
    for (const place of [master.place, ...master.replicas]) {
      servers.push(await serverOf(access, master.name, place, secrets.servers));
    }
    const [first] = servers.filter((server) => server.master === master.name);
    if (first !== undefined) users.set(master.name, await usersOf(first.client, master.sentinels));
  }
  const sentinels: SentinelNode[] = [];
  for (const [name, { sight, masters }] of sentinelsOf(picture)) {
    sentinels.push(await sentinelOf(access, name, sight, masters, users, secrets));
  }
  for (const sentinel of sentinels) refuseUnwritable(sentinel, secrets);
  return { servers, sentinels };
}

/** Everybody is there and up: who is missing would come back with the old password alone. */
function refuseUnfit({ masters }: QuorumPicture): void {
  for (const { name, master, replicas, sentinels, witness } of masters) {
    const down = [master, ...replicas, ...sentinels].find(({ downMs }) => downMs !== null);
    if (down !== undefined) throw refused(`${nameOf(down)} of ${shown(name)} is down`);
    const silent = sentinels.find(({ error, sight }) => error !== null || sight === null);
    if (silent !== undefined) {
      throw refused(`Sentinel ${nameOf(silent)}: ${silent.error ?? "it was not heard"}`);
    }
    const hasC = sentinels.some(({ program }) => program?.isOurs !== true);
    const { quorum, downAfterMs } = witness.sight;
    if (hasC && quorum === 1 && downAfterMs < DEAF_MS) {
      throw refused(
        `${shown(name)} has a quorum of 1, and a C Sentinel that changes a password is deaf for a second: run  SENTINEL SET ${shown(name)} quorum 2  for that time`,
      );
    }
  }
}

/** Its next start would fail: it reads what it wrote as several words. */
function refuseUnwritable({ name, isOurs, saysTo, peers }: SentinelNode, secrets: Secrets): void {
  const said = [
    saysTo.length > 0 ? secrets.servers : null,
    peers === "other" ? null : secrets.sentinels,
  ];
  if (isOurs || !said.some((secret) => secret !== null && needsQuotes(secret.next))) return;
  throw refused(
    `the new password has blanks or quotes, and ${name} is a C Sentinel, which writes it into its file without quotes and would not start again: choose one without them`,
  );
}

/** White space, as the parser of C takes it, and quotes; the text is bytes, of which others belong to UTF-8. */
function needsQuotes(password: string): boolean {
  return [...password].some((byte) => byte <= " " || byte === '"' || byte === "'");
}

async function serverOf(
  access: Access,
  master: string,
  place: Place,
  secret: Secret,
): Promise<ServerNode> {
  const name = nameOf(place);
  return await orTrouble(name, async () => {
    const client = await access.server(master, place);
    const account = await accountOf(client, secret);
    const get = async (field: string) =>
      rowOf(await client.call(["CONFIG", "GET", field])).text(field);
    const user = (await get("masteruser")) || "default";
    const password = await get("masterauth");
    const isOf = (one: string) => user === secret.user && password === one;
    const replication = isOf(secret.next) ? "next" : isOf(secret.old) ? "old" : "other";
    return { name, master, client, account, replication } as const;
  });
}

/** As whom a Sentinel is logged in, by the first eight digits of its id. */
type Users = ReadonlyMap<string, string>;

/** A C Sentinel that was told another password a moment ago, by a run that was cut off, is about to come back. */
async function usersOf(client: Client, sentinels: readonly SentinelPicture[]): Promise<Users> {
  const endsAt = performance.now() + BACK_MS;
  for (;;) {
    const users = await usersNow(client);
    const isWhole = sentinels.every(({ id }) => users.has(digitsOf(id)));
    if (isWhole || performance.now() > endsAt) return users;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function usersNow(client: Client): Promise<Users> {
  const users = new Map<string, string>();
  for (const line of `${await client.call(["CLIENT", "LIST"])}`.split("\n")) {
    const [, id] = / name=sentinel-([0-9a-f]{8})-cmd /.exec(line) ?? [];
    const [, user] = / user=(\S+)/.exec(line) ?? [];
    if (id !== undefined && user !== undefined) users.set(id, user);
  }
  return users;
}

interface Watching {
  readonly sight: SentinelPicture;
  readonly masters: MasterPicture[];
}

function sentinelsOf({ masters }: QuorumPicture): ReadonlyMap<string, Watching> {
  const all = new Map<string, Watching>();
  for (const master of masters) {
    for (const sight of master.sentinels) {
      const known = all.get(nameOf(sight));
      if (known === undefined) all.set(nameOf(sight), { sight, masters: [master] });
      else known.masters.push(master);
    }
  }
  return all;
}

async function sentinelOf(
  access: Access,
  name: string,
  sight: SentinelPicture,
  masters: readonly MasterPicture[],
  users: ReadonlyMap<string, Users>,
  { servers, sentinels }: Secrets,
): Promise<SentinelNode> {
  return await orTrouble(name, async () => {
    const client = await access.sentinel(sight);
    const account = sentinels === null ? null : await accountOf(client, sentinels);
    const names = masters.map((master) => master.name);
    const saysTo =
      servers === null ? [] : names.filter((one) => isUser(one, sight, users, servers));
    const peers = sentinels === null ? "other" : await peersOf(client, sentinels);
    const isOurs = sight.program?.isOurs === true;
    return { name, client, isOurs, masters: names, saysTo, account, peers };
  });
}

function isUser(
  master: string,
  { id }: SentinelPicture,
  users: ReadonlyMap<string, Users>,
  { user }: Secret,
): boolean {
  const known = users.get(master)?.get(digitsOf(id));
  if (known !== undefined) return known === user;
  throw new Refusal(
    `nothing shows as whom it logs in at ${shown(master)}: allow its user there +client|setname`,
  );
}

function digitsOf(id: string | null): string {
  return id?.slice(0, 8) ?? "";
}

async function peersOf(client: Client, secret: Secret): Promise<SentinelNode["peers"]> {
  const get = async (field: string) =>
    rowOf(await client.call(["SENTINEL", "CONFIG", "GET", field])).text(field);
  const user = (await get("sentinel-user")) || "default";
  if (user !== secret.user) return "other";
  return (await get("sentinel-pass")) === secret.next ? "next" : "old";
}

async function orTrouble<T>(name: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refusal || error instanceof NoAnswer) {
      throw refused(`${name}: ${error.message}`);
    }
    throw error;
  }
}

function refused(why: string): Trouble {
  return new Trouble(`nothing was changed: ${why}`, ACTED.refused);
}
