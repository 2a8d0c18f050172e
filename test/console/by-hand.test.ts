import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/console/acting/outcome.ts";
import { switchMaster } from "../../src/console/acting/switch.ts";
import { Deadline, sleep } from "../../src/console/acting/time.ts";
import { whomToTell } from "../../src/console/acting/whom.ts";
import type { Access } from "../../src/console/connect/access.ts";
import type { Client } from "../../src/console/connect/client.ts";
import { NoAnswer, Refusal } from "../../src/console/connect/errors.ts";
import { Output, type Terminal } from "../../src/console/output.ts";
import type { Answer } from "../../src/quorum/answer.ts";
import type { MasterPicture } from "../../src/quorum/picture.ts";
import { isSame, type Place } from "../../src/quorum/place.ts";

// A switch by hand whose Sentinel or servers are slow, silent or do something else: what is said of it, and what is
// left behind.

const NAME = "m";
const SENTINEL: Place = { host: "10.0.1.1", port: 26379 };
const HISTORY = "e".repeat(40);

/** A master, two replicas and a C Sentinel; the second server is to become the master. */
class World {
  readonly servers = [1, 2, 3].map((at) => new FakeServer(this, { host: `10.0.0.${at}`, port: 1 }));
  readonly said: string[] = [];
  /** From the order to the promotion. */
  promotionMs = 10;
  /** Which of the servers the Sentinel promotes. */
  heir = 1;
  /** So many times it does not answer SENTINEL REPLICAS. */
  silences = 0;
  failoverAnswer: string | null = null;
  failoverState: string | null = null;
  named: Place = this.server(0).place;

  server(at: number): FakeServer {
    const found = this.servers[at];
    assert.ok(found);
    return found;
  }

  askSentinel(words: readonly string[]): Answer {
    switch (words[1]) {
      case "MASTER":
        return [
          ...["name", NAME, "ip", this.named.host, "port", `${this.named.port}`],
          ...(this.failoverState ? ["failover-state", this.failoverState] : []),
        ];
      case "REPLICAS":
        if (this.silences-- > 0) throw new NoAnswer("no answer in time");
        return this.servers.filter(({ place }) => !isSame(place, this.named)).map(rowOf);
      case "GET-MASTER-ADDR-BY-NAME":
        return [this.named.host, `${this.named.port}`];
      case "FAILOVER":
        if (this.failoverAnswer !== null) throw new Refusal(this.failoverAnswer);
        setTimeout(() => this.#promote(this.server(this.heir)), this.promotionMs);
        return "OK";
      default:
        throw new Refusal("ERR unknown command");
    }
  }

  #promote(heir: FakeServer): void {
    heir.follows = null;
    heir.onDisk = heir.priority;
    this.named = heir.place;
    // Who is told by nobody else is told by the Sentinels, later.
    setTimeout(() => {
      for (const one of this.servers) if (one !== heir) one.follows = heir.place;
    }, 300);
  }
}

class FakeServer {
  readonly world: World;
  readonly place: Place;
  priority = "100";
  /** What its file says. */
  onDisk = "100";
  follows: Place | null;
  infoMs = 0;

  constructor(world: World, place: Place) {
    this.world = world;
    this.place = place;
    this.follows = place.host === "10.0.0.1" ? null : { host: "10.0.0.1", port: 1 };
  }

  async call(words: readonly string[]): Promise<Answer> {
    const [verb, sub, , value = ""] = words;
    const line = words.join(" ");
    if (verb === "INFO") return await this.#info();
    this.world.said.push(`${this.place.host} ${line}`);
    if (verb === "SLAVEOF") {
      this.follows = sub === "NO" ? null : { host: sub ?? "", port: Number(words[2]) };
    }
    if (verb !== "CONFIG") return "OK";
    if (sub === "GET") return ["slave-priority", this.priority];
    if (sub === "SET") this.priority = value;
    if (sub === "REWRITE") this.onDisk = this.priority;
    return "OK";
  }

  async #info(): Promise<string> {
    if (this.infoMs > 0) await sleep(this.infoMs);
    const role = this.follows === null ? "role:master" : "role:slave\r\nslave_repl_offset:900";
    const rest = `master_failover_state:no-failover\r\nmaster_replid:${HISTORY}\r\nmaster_repl_offset:900`;
    return `${role}\r\n${rest}\r\n`;
  }
}

function rowOf({ place, priority, follows }: FakeServer): Answer {
  return [
    ...["ip", place.host, "port", `${place.port}`, "flags", "slave", "slave-priority", priority],
    ...["role-reported", follows === null ? "master" : "slave"],
    ...["master-host", follows?.host ?? "?", "master-port", `${follows?.port ?? 0}`],
  ];
}

function clientOf(call: (words: readonly string[]) => Promise<Answer>): Client {
  const closed = new Promise<void>(() => undefined);
  const nothing = () => undefined;
  return { call, closed, close: nothing, psubscribe: async () => undefined } as unknown as Client;
}

function accessTo(world: World): Access {
  return {
    asksServers: true,
    sentinel: async () => clientOf(async (words) => world.askSentinel(words)),
    server: async (_name: string, place: Place) => {
      const found = world.servers.find((one) => isSame(one.place, place));
      assert.ok(found);
      return clientOf((words) => found.call(words));
    },
  } as unknown as Access;
}

function pictureOf({ servers }: World): MasterPicture {
  const [master, ...others] = servers.map(({ place }) => place);
  const sight = { ...master, name: NAME, configEpoch: 7n, downAfterMs: 5_000, failoverState: null };
  const program = { isOurs: false, text: "redis 7.0.15" };
  const witness = { asked: { place: SENTINEL }, program, isTilt: false, sight };
  const replicas = others.map((place, at) => ({
    ...{ ...place, unfit: null, isNext: at === 0, lagBytes: 0n },
  }));
  return {
    ...{ name: NAME, place: master, replicas, witness, witnesses: [witness], known: 1 },
    sentinels: [{ ...SENTINEL, program }],
  } as unknown as MasterPicture;
}

interface Ended extends Outcome {
  readonly notes: string;
}

async function switched(world: World, waitMs = 20_000): Promise<Ended> {
  let notes = "";
  const stderr = {
    write: (text: string) => {
      notes += text;
      return true;
    },
  };
  const terminal = { stdout: { write: () => true }, stderr, env: {} } as unknown as Terminal;
  const output = new Output(terminal, true);
  const interrupted = new AbortController().signal;
  const tools = { access: accessTo(world), output, interrupted, deadline: new Deadline(waitMs) };
  const outcome = await switchMaster(tools, {
    ...{ picture: pictureOf(world), target: null, isPlain: false, isDryRun: false, isYes: true },
    ...{ isJson: false, isOnlyAsked: false },
  });
  return { ...outcome, notes };
}

const isTold = ({ said, servers }: World) =>
  said.includes(`${servers[0]?.place.host} SLAVEOF 10.0.0.2 1`);

test("a switch that goes well", async () => {
  const world = new World();
  const { status, text } = await switched(world);
  assert.deepEqual([status, isTold(world)], [0, true], text);
  assert.deepEqual(
    world.servers.map(({ priority }) => priority),
    ["100", "100", "100"],
  );
});

test("a Sentinel that does not answer is not one that prefers the target", async () => {
  const world = new World();
  world.silences = 1;
  const prefers = world.askSentinel.bind(world);
  world.askSentinel = (words) => {
    if (words[1] === "FAILOVER") assert.ok(world.silences < 0, "it was asked again");
    return prefers(words);
  };
  const { status, text } = await switched(world);
  assert.equal(status, 0, text);
});

test("another master than the one that was checked is told", async () => {
  const world = new World();
  world.heir = 2;
  const { status, text } = await switched(world);
  assert.equal(status, 3, text);
  assert.match(text, /10\.0\.0\.3:1 became the master, not 10\.0\.0\.2:1/);
});

test("a promotion that comes when writes go on again is told, and the old master at once", async () => {
  const world = new World();
  world.promotionMs = 3_150;
  const { status, text } = await switched(world);
  assert.deepEqual([status, isTold(world)], [3, true], text);
  assert.ok(world.said.includes("10.0.0.1 SLAVEOF NO ONE"), "it was the master again meanwhile");
  assert.match(text, /the master is 10\.0\.0\.2:1, .* told \d+ ms after writes went on/);
});

test("nobody is ordered to fail over when the hold may be over, and it is not called back", async () => {
  const world = new World();
  world.server(1).infoMs = 1_500;
  const { status, text } = await switched(world);
  assert.equal(status, 2, text);
  assert.ok(isSame(world.named, world.server(0).place));
  assert.ok(!world.said.some((line) => /SLAVEOF|UNPAUSE/.test(line)), "it may be another one's");
});

test("from the order on the old master is none, should we be killed", async () => {
  const world = new World();
  world.promotionMs = 400;
  let followed: Place | null = null;
  const info = world.server(1).call.bind(world.server(1));
  world.server(1).call = async (words) => {
    if (isSame(world.named, world.server(0).place)) followed = world.server(0).follows;
    return await info(words);
  };
  const { status, text } = await switched(world);
  assert.equal(status, 0, text);
  assert.deepEqual(followed, world.server(1).place);
});

test("nobody is ordered to fail over once another one is the master", async () => {
  const world = new World();
  const info = world.server(0).call.bind(world.server(0));
  world.server(0).call = async (words) => {
    // The switch of another operator ends in that moment.
    if (words[1] === "PAUSE") world.named = world.server(2).place;
    return await info(words);
  };
  const { status, text } = await switched(world);
  assert.equal(status, 1, text);
  assert.match(text, /10\.0\.0\.3:1 is the master/);
});

test("the priorities that a killed one has left are put back, in memory and on disk", async () => {
  for (const left of [0, 1, 2]) {
    const world = new World();
    world.server(left).priority = world.server(left).onDisk = "1000000100";
    world.failoverAnswer = "NOGOODSLAVE No suitable replica to promote";
    const { status, text } = await switched(world);
    assert.equal(status, 1, text);
    for (const { priority, onDisk } of world.servers) {
      assert.deepEqual([priority, onDisk], ["100", "100"], `left at ${left}`);
    }
  }
});

test("what was promoted has its old priority in its file", async () => {
  const world = new World();
  const { status, text } = await switched(world);
  assert.equal(status, 0, text);
  assert.deepEqual(
    world.servers.map(({ onDisk }) => onDisk),
    ["100", "100", "100"],
  );
});

test("the failover of somebody else keeps its pause and its priorities", async () => {
  const world = new World();
  world.failoverAnswer = "INPROG Failover already in progress";
  const ask = world.askSentinel.bind(world);
  world.askSentinel = (words) => {
    if (words[1] === "FAILOVER") world.server(2).priority = "50";
    return ask(words);
  };
  const { status, text, notes } = await switched(world);
  assert.equal(status, 1, text);
  assert.ok(!world.said.some((line) => /UNPAUSE|REWRITE/.test(line)));
  assert.equal(world.server(2).priority, "50");
  assert.match(notes, /10\.0\.0\.3:1: slave-priority is 50 by now, and was 100: left so/);
});

test("writes are not held back while another failover is under way", async () => {
  const world = new World();
  world.failoverState = "wait_start";
  const { status, text } = await switched(world);
  assert.equal(status, 1, text);
  assert.ok(!world.said.some((line) => /PAUSE/.test(line)));
});

test("no Sentinel is told that is in TILT or behind, and one of ours first", async () => {
  const picture = pictureOf(new World());
  const { witness } = picture;
  const { sight } = witness;
  const tilt = { ...witness, isTilt: true };
  const behind = { ...witness, sight: { ...sight, configEpoch: 6n } };
  const elsewhere = { ...witness, sight: { ...sight, host: "10.0.0.3" } };
  const ours = { ...witness, program: { isOurs: true, text: "" } };
  const told = (witnesses: MasterPicture["witnesses"]) => whomToTell({ ...picture, witnesses });
  assert.equal(told([tilt, behind, elsewhere, witness]), witness);
  assert.equal(told([witness, { ...ours, isTilt: true }, ours]), ours);
  assert.equal(told([tilt, behind, elsewhere]), null);
});
