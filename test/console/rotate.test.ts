import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../src/console/connect/access.ts";
import type { Client } from "../../src/console/connect/client.ts";
import { NoAnswer, Refusal } from "../../src/console/connect/errors.ts";
import { groupOf } from "../../src/console/rotate/group.ts";
import { perform } from "../../src/console/rotate/perform.ts";
import { planOf } from "../../src/console/rotate/plan.ts";
import { hashOf } from "../../src/console/rotate/secret.ts";
import type { Answer } from "../../src/quorum/answer.ts";
import type { QuorumPicture } from "../../src/quorum/picture.ts";
import { nameOf, type Place } from "../../src/quorum/place.ts";

// Each request that changes something is refused once, or its answer is lost: nobody is ever locked out, and the next
// run ends what this one began.

const SERVERS = { user: "default", old: "old-s", next: "new-s" };
const SENTINELS = { user: "default", old: "old-p", next: "new-p" };
const MASTER = "m";
const CHANGES =
  /^(ACL SETUSER|CONFIG SET|CONFIG REWRITE|SENTINEL SET|SENTINEL CONFIG SET|SENTINEL FLUSHCONFIG)/;

type Failure = "refused" | "lost before" | "lost behind";

/** Whose request, the how manieth, fails. */
interface Fate {
  readonly at: number;
  readonly failure: Failure;
}

/** Three servers and three Sentinels, of which the first is ours. */
class World {
  readonly servers = [1, 2, 3].map(
    (at) => new Node(this, { host: `10.0.0.${at}`, port: 6379 }, SERVERS.old),
  );
  readonly sentinels = [1, 2, 3].map(
    (at) => new Node(this, { host: `10.0.0.${at}`, port: 26379 }, SENTINELS.old),
  );
  readonly broken: string[] = [];
  changes = 0;
  /** Before the connections of C Sentinels are there again. */
  looksWithoutC = 0;
  fate: Fate | null = null;

  /** Everybody who logs in anew is let in. */
  check(words: readonly string[]): void {
    const lockedOut = (says: string, at: readonly Node[]) =>
      at.some(({ passwords }) => !passwords.has(hashOf(says)));
    const now = words.slice(0, 3).join(" ");
    for (const { auth, peerAuth, place } of this.sentinels) {
      if (lockedOut(auth, this.servers)) this.broken.push(`${now}: ${place.host} at the servers`);
      if (lockedOut(peerAuth, this.sentinels)) this.broken.push(`${now}: ${place.host} at peers`);
    }
    for (const { auth, place } of this.servers) {
      if (lockedOut(auth, this.servers)) this.broken.push(`${now}: ${place.host} as a replica`);
    }
  }
}

class Node {
  readonly world: World;
  readonly place: Place;
  readonly passwords: Set<string>;
  /** What its file says. */
  onDisk = "";
  /** What it says to servers, or to its master. */
  auth = SERVERS.old;
  peerAuth = SENTINELS.old;

  constructor(world: World, place: Place, password: string) {
    this.world = world;
    this.place = place;
    this.passwords = new Set([hashOf(password)]);
  }

  close(): void {
    // Nothing is open.
  }

  async call(words: readonly string[]): Promise<Answer> {
    const { world } = this;
    if (!CHANGES.test(words.join(" "))) return this.#answer(words);
    const failure = world.fate?.at === world.changes++ ? world.fate.failure : null;
    if (failure === "refused") throw new Refusal("NOPERM not now");
    if (failure === "lost before") throw new NoAnswer("no answer in time");
    const answer = this.#answer(words);
    world.check(words);
    if (failure === "lost behind") throw new NoAnswer("it closed the connection");
    return answer;
  }

  #answer(words: readonly string[]): Answer {
    const [verb = "", sub = ""] = words;
    switch (`${verb} ${sub}`) {
      case "ACL GETUSER":
        return ["flags", ["on"], "passwords", [...this.passwords]];
      case "ACL SETUSER":
        return this.#setUser(words[3] ?? "");
      case "ACL SAVE":
        throw new Refusal("ERR This Redis instance is not configured to use an ACL file.");
      case "CONFIG GET":
        return [words[2] ?? "", words[2] === "masterauth" ? this.auth : ""];
      case "CONFIG SET":
        return this.#setting(words[2] ?? "", words[3] ?? "");
      case "SENTINEL SET":
        assert.deepEqual(words.slice(2, 4), [MASTER, "auth-pass"]);
        this.auth = words[4] ?? "";
        return "OK";
      case "SENTINEL CONFIG":
        if (words[2] === "GET")
          return [words[3] ?? "", words[3] === "sentinel-pass" ? this.peerAuth : ""];
        return this.#setting(words[3] ?? "", words[4] ?? "");
      case "SENTINEL MASTER":
        return ["flags", "master"];
      case "SENTINEL REPLICAS":
        return [["flags", "slave"]];
      case "SENTINEL SENTINELS":
        return [["flags", "sentinel"]];
      case "CLIENT LIST":
        return this.world.sentinels
          .filter((_, at) => at === 0 || --this.world.looksWithoutC < 0)
          .map((_, at) => `id=1 name=sentinel-0000000${at}-cmd age=1 user=default`)
          .join("\n");
      case "CONFIG REWRITE":
      case "SENTINEL FLUSHCONFIG":
        this.onDisk = this.state;
        return "OK";
      default:
        throw new Refusal(`ERR unknown command ${words.join(" ")}`);
    }
  }

  get state(): string {
    return JSON.stringify([[...this.passwords], this.auth, this.peerAuth]);
  }

  #setUser(rule: string): Answer {
    const hash = rule.slice(1);
    if (rule.startsWith("#")) this.passwords.add(hash);
    else if (rule.startsWith("!") && this.passwords.has(hash)) this.passwords.delete(hash);
    else throw new Refusal(`ERR Error in ACL SETUSER modifier '${rule}'`);
    return "OK";
  }

  #setting(name: string, value: string): Answer {
    if (name === "masterauth") this.auth = value;
    else if (name === "sentinel-pass") this.peerAuth = value;
    else {
      assert.equal(name, "requirepass");
      this.passwords.clear();
      this.passwords.add(hashOf(value));
    }
    return "OK";
  }
}

function accessTo({ servers, sentinels }: World): Access {
  const find = (place: Place) => {
    const found = [...servers, ...sentinels].find((node) => nameOf(node.place) === nameOf(place));
    assert.ok(found);
    return found as unknown as Client;
  };
  const server = async (_master: string, place: Place) => find(place);
  return { sentinel: async (place: Place) => find(place), server } as unknown as Access;
}

function pictureOf({ servers, sentinels }: World): QuorumPicture {
  const [master, ...replicas] = servers.map(({ place }) => ({ ...place, downMs: null }));
  const peers = sentinels.map(({ place }, at) => ({
    ...{ ...place, downMs: null, error: null, sight: {} },
    ...{ id: `0000000${at}`.padEnd(40, "0"), program: { isOurs: at === 0, text: "" } },
  }));
  const witness = { sight: { quorum: 2, downAfterMs: 5_000 } };
  const one = { name: MASTER, place: master, master, replicas, sentinels: peers, witness };
  return { asked: [], masters: [one] } as unknown as QuorumPicture;
}

async function run(
  world: World,
  keepsOld = false,
  secrets = { servers: SERVERS, sentinels: SENTINELS },
) {
  const group = await groupOf(accessTo(world), pictureOf(world), secrets);
  const steps = planOf(group, secrets, keepsOld, {
    tryServer: async () => undefined,
    trySentinel: async () => undefined,
    async until(what, holds) {
      assert.ok(await holds(), what);
    },
  });
  return await perform(steps, group, new AbortController().signal, () => undefined);
}

function assertRotated({ servers, sentinels, broken }: World, what: string): void {
  assert.deepEqual(broken, [], what);
  for (const { onDisk, state } of [...servers, ...sentinels]) assert.equal(onDisk, state, what);
  for (const { passwords, auth } of servers) {
    assert.deepEqual([[...passwords], auth], [[hashOf(SERVERS.next)], SERVERS.next], what);
  }
  for (const { passwords, auth, peerAuth } of sentinels) {
    const own = [[...passwords], auth, peerAuth];
    assert.deepEqual(own, [[hashOf(SENTINELS.next)], SERVERS.next, SENTINELS.next], what);
  }
}

test("all steps in their order let everybody in at every moment", async () => {
  const world = new World();
  const { steps, trouble } = await run(world);
  assert.equal(trouble, null);
  assert.equal(steps.length, 3 + 3 + 3 + 3 + (3 + 3 + 3));
  assert.ok(steps.every(({ isDone }) => isDone));
  assertRotated(world, "one run");
});

test("every request that changes something is refused or lost once", async () => {
  const whole = new World();
  await run(whole);
  assert.ok(whole.changes > 20);
  for (let at = 0; at < whole.changes; at++) {
    for (const failure of ["refused", "lost before", "lost behind"] as const) {
      const world = new World();
      world.fate = { at, failure };
      const what = `request ${at} ${failure}`;
      const first = await run(world);
      assert.deepEqual(world.broken, [], what);
      // A file that may not be written is told, and does not stop.
      assert.ok(failure === "refused" || first.trouble !== null, what);
      world.fate = null;
      const second = await run(world);
      assert.equal(second.trouble, null, what);
      assertRotated(world, what);
      const third = await run(world);
      assert.deepEqual([third.hasChanged, third.trouble], [false, null], what);
    }
  }
});

test("with the old one kept both are accepted, and the next run removes it", async () => {
  const world = new World();
  assert.equal((await run(world, true)).trouble, null);
  for (const { passwords } of [...world.servers, ...world.sentinels])
    assert.equal(passwords.size, 2);
  assert.equal((await run(world)).trouble, null);
  assertRotated(world, "two runs");
});

test("a C Sentinel that connects anew is waited for; one that says no name is told with the right that it lacks", async () => {
  const world = new World();
  world.looksWithoutC = 4;
  assert.equal((await run(world)).trouble, null);
  assertRotated(world, "behind a run that was killed");
  const silent = new World();
  silent.looksWithoutC = Number.POSITIVE_INFINITY;
  await assert.rejects(run(silent), /10\.0\.0\.2:26379: nothing shows .* \+client\|setname/);
  assert.equal(silent.changes, 0);
});

test("other passwords of the same user stay", async () => {
  const world = new World();
  for (const { passwords } of [...world.servers, ...world.sentinels])
    passwords.add(hashOf("another"));
  assert.equal((await run(world)).trouble, null);
  for (const { passwords } of world.servers) {
    assert.deepEqual([...passwords].sort(), [hashOf("another"), hashOf(SERVERS.next)].sort());
  }
});

test("nothing is changed where somebody knows neither, or is missing", async () => {
  const stranger = new World();
  stranger.servers[2]?.passwords.clear();
  await assert.rejects(run(stranger), /10\.0\.0\.3:6379: it knows neither the old nor the new/);
  const away = new World();
  const picture = pictureOf(away);
  const [master] = picture.masters;
  Object.assign(master?.replicas[0] ?? {}, { downMs: 5 });
  const secrets = { servers: SERVERS, sentinels: null };
  await assert.rejects(groupOf(accessTo(away), picture, secrets), /10\.0\.0\.2:6379 of m is down/);
  assert.equal(away.changes + stranger.changes, 0);
});

test("nothing is changed where a C Sentinel would write what it cannot read again", async () => {
  const why = /10\.0\.0\.2:26379 is a C Sentinel, .* without quotes/;
  for (const next of ["new pass", 'new"', "new'", "new\tpass"]) {
    const world = new World();
    const servers = { ...SERVERS, next };
    await assert.rejects(run(world, false, { servers, sentinels: SENTINELS }), why);
    const sentinels = { ...SENTINELS, next };
    await assert.rejects(run(world, false, { servers: SERVERS, sentinels }), why);
    assert.equal(world.changes, 0);
    world.sentinels.length = 1;
    assert.equal((await run(world, false, { servers, sentinels })).trouble, null, "ours alone");
  }
  // Bytes of UTF-8, with one that is a blank to some, and a backslash, are no trouble.
  const servers = { ...SERVERS, next: "\xc3\xa0\\n" };
  assert.equal((await run(new World(), false, { servers, sentinels: SENTINELS })).trouble, null);
});
