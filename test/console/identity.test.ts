import assert from "node:assert/strict";
import { test } from "node:test";
import { isMasterOf } from "../../src/console/acting/identity.ts";
import type { Access } from "../../src/console/connect/access.ts";
import { NoAnswer } from "../../src/console/connect/errors.ts";
import type { MasterPicture } from "../../src/quorum/picture.ts";

// Which server a handover is about: it has many names, and what the Sentinels know of it may be old.

const HERE = { host: "127.0.0.1", port: 6379 };
const IPS = new Set(["127.0.0.1", "10.0.0.1", "10.0.0.2"]);

/** Sentinels name a master at this address, and know this run id of it; `present`: what it says itself. */
async function isIt(
  own: string | null,
  host: string,
  known: string,
  present: string | null,
): Promise<boolean> {
  const server = async () => {
    if (present === null) throw new NoAnswer("no answer in time");
    return { call: async () => `run_id:${present}\r\n`, close: () => undefined };
  };
  const access = { server } as unknown as Access;
  const place = { host, port: 6379 };
  const picture = { name: "m", place, witness: { sight: { runId: known } } };
  const identity = { place: HERE, ips: IPS, runId: own };
  return await isMasterOf(access, identity, picture as unknown as MasterPicture);
}

for (const [what, own, host, known, present, is] of [
  ["by its run id, whatever its address", "a", "192.0.2.1", "a", null, true],
  ["by its address, if it does not tell its run id", null, "10.0.0.1", "a", null, true],
  ["by its address, if the Sentinels know no run id", "a", "10.0.0.1", "", null, true],
  ["started anew since the Sentinels asked it", "b", "10.0.0.1", "a", "b", true],
  ["another server of this machine", "b", "10.0.0.2", "a", "a", false],
  ["behind an address that is not reached from here", "b", "10.0.0.1", "a", null, true],
  ["another machine", "b", "192.0.2.1", "a", "b", false],
] as const) {
  test(`a handover knows its server: ${what}`, async () => {
    assert.equal(await isIt(own, host, known, present), is);
  });
}
