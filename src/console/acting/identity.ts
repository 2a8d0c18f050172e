import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { MasterPicture } from "../../quorum/picture.ts";
import type { Place } from "../../quorum/place.ts";
import { infoFields } from "../../quorum/rows.ts";
import type { Access } from "../connect/access.ts";
import { messageOf } from "./panel.ts";

const ASK_MS = 1_500;

/** What is known of the server that goes down: it may have many names. */
interface ServerIdentity {
  readonly place: Place;
  /** Of its name, and of this machine if it is here. */
  readonly ips: ReadonlySet<string>;
  /** Null: it could not be asked. */
  readonly runId: string | null;
}

/** Asks the server itself, too, with the password of each master in turn: an announced address may be another one. */
export async function identify(
  access: Access,
  place: Place,
  names: readonly string[],
): Promise<ServerIdentity> {
  const [ips, runId] = await Promise.all([ipsOf(place.host), runIdOf(access, place, names)]);
  return { place, ips, runId };
}

async function ipsOf(host: string): Promise<ReadonlySet<string>> {
  const own = isIP(host) > 0 ? [host] : await addressesOf(host);
  const isHere = own.some((ip) => ip.startsWith("127.") || ip === "::1");
  return new Set([...own, ...(isHere ? addressesHere() : [])]);
}

/** Of this machine; none where a unit's sandbox forbids to ask for them (RestrictAddressFamilies). */
function addressesHere(): string[] {
  try {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return all.map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && "code" in error) return [];
    throw error;
  }
}

/** None: nobody knows the name. */
async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && "code" in error) return [];
    throw error;
  }
}

async function runIdOf(
  access: Access,
  place: Place,
  names: readonly string[],
): Promise<string | null> {
  for (const name of names.slice(0, 4)) {
    try {
      const client = await access.server(name, place, ASK_MS);
      try {
        const info = await client.call(["INFO", "server"]);
        return infoFields(typeof info === "string" ? info : "").get("run_id") ?? null;
      } finally {
        client.close();
      }
    } catch (error) {
      // Another master's password, perhaps.
      messageOf(error);
    }
  }
  return null;
}

/**
 * Whether this server is the master that the Sentinels name, by whatever name. They may know its run id of before: C
 * ones ask for it each ten seconds. So the master itself is asked, at the address that they name.
 */
export async function isMasterOf(
  access: Access,
  identity: ServerIdentity,
  { name, place: master, witness }: MasterPicture,
): Promise<boolean> {
  const { runId } = identity;
  const known = witness.sight.runId;
  if (runId !== null && runId === known) return true;
  if (!(await isAt(identity, master))) return false;
  if (runId === null || known === "") return true;
  const present = await runIdOf(access, master, [name]);
  return present === null || present === runId;
}

async function isAt({ place, ips }: ServerIdentity, master: Place): Promise<boolean> {
  if (master.port !== place.port) return false;
  if (master.host === place.host) return true;
  const named = isIP(master.host) > 0 ? [master.host] : await addressesOf(master.host);
  return named.some((ip) => ips.has(ip));
}
