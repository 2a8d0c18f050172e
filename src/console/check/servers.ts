import type { ServerTold } from "../../quorum/check/of-servers.ts";
import type { MasterPicture, QuorumPicture } from "../../quorum/picture.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";
import { askServer, type SpokenAs } from "./server.ts";

/** So many are asked at a time. */
const AT_ONCE = 32;

type About = Place & { readonly master: string; readonly isMaster: boolean };

/** Asks all servers of these masters themselves. One that cannot be asked is in the list, with the reason. */
export async function askServers(
  access: Access,
  { masters }: QuorumPicture,
): Promise<ServerTold[]> {
  const waiting = masters.flatMap(serversOf);
  const told: ServerTold[] = [];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      told.push(await ask(access, one));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return told.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function serversOf({ name, place, replicas }: MasterPicture): About[] {
  const { host, port } = place;
  const all = [
    { host, port, master: name, isMaster: true },
    ...replicas.map((one) => ({ host: one.host, port: one.port, master: name, isMaster: false })),
  ];
  return all.filter((one) => one.host !== "");
}

async function ask(access: Access, about: About): Promise<ServerTold> {
  try {
    const client = await access.server(about.master, about);
    try {
      return await askServer(client, about, spokenAs(access, about.master));
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof NoAnswer)) throw error;
    return silent(about, error.message);
  }
}

function spokenAs({ conf }: Access, master: string): SpokenAs | null {
  const known = conf?.masters.find(({ name }) => name === master);
  if (known === undefined) return null;
  const { authUser, renamedCommands } = known.settings;
  const renamed = renamedCommands.map(([from, to]) => [from.toLowerCase(), to] as const);
  return {
    user: authUser === null || authUser === "" ? "default" : authUser,
    renamed: new Map(renamed),
  };
}

function silent(about: About, error: string): ServerTold {
  return {
    ...about,
    error,
    ...{ config: new Map(), info: null, unknownCommands: [], refusedToUser: null },
    ...{ skewMs: null, certificateLeftMs: null, unchecked: [] },
  };
}
