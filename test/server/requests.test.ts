import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ClientId } from "../../src/core/input.ts";
import { MAX_REQUEST_BYTES, MAX_REQUEST_WORDS } from "../../src/core/limits.ts";
import { STANDARD_COMMANDS } from "../../src/server/commands/standard.ts";
import { allCommands } from "../../src/server/commands/table.ts";
import { createContext, type ServerContext } from "../../src/server/context.ts";
import { execute } from "../../src/server/dispatch.ts";
import { Session } from "../../src/server/session.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER } from "../core/harness.ts";
import { COSTLY, type Costly, wordsOf } from "./costly-requests.ts";
import { DEFAULT_CONFIG, FakeHost, request } from "./harness.ts";

// Whatever one client says, the others and the watching have their turn.

const OFTEN = 20_000;
const MOST_STALL_MS = 100;
/** The machine may be busy otherwise: of so many attempts the best one counts. */
const ATTEMPTS = 3;
/** What a socket reads at once. */
const CHUNK_BYTES = 64 * 1024;
const CROWD = 500;

/** A Sentinel with many masters, of which the first has many replicas and Sentinels. */
function crowdedSentinel(): LoneSentinel {
  const masters = Array.from({ length: 100 }, (_, index) => ({
    ...PLAIN_MASTER,
    name: `m${index}`,
    port: 6000 + index,
    replicas: index > 0 ? [] : addresses(CROWD, 20_000),
    sentinels: index > 0 ? [] : addresses(50, 30_000).map(withId),
  }));
  const sentinel = new LoneSentinel({ masters });
  sentinel.live(1, healthyMaster);
  return sentinel;
}

function addresses(count: number, firstPort: number) {
  return Array.from({ length: count }, (_, index) => ({
    host: "127.0.0.1",
    port: firstPort + index,
  }));
}

function withId(address: { readonly host: string; readonly port: number }) {
  return { ...address, runId: String(address.port).padStart(40, "a") };
}

/** A server in front of it, with some users and clients. */
class Scenery {
  readonly sentinel = crowdedSentinel();
  readonly ctx: ServerContext;
  #clients = 0;
  #written = 0;

  constructor() {
    const host = new FakeHost();
    host.onExecute = (client, args) => {
      const from = this.sentinel.effects.length;
      this.sentinel.step({ type: "command", client, args });
      for (const effect of this.sentinel.effects.splice(from)) {
        if (effect.type !== "reply") continue;
        if (client < 0) this.ctx.questions.answer(client, effect.reply);
        else this.ctx.clients.get(client)?.answer(effect.reply);
      }
    };
    this.ctx = createContext(DEFAULT_CONFIG, host);
    const patterns = Array.from({ length: 20 }, (_, index) => `&x${index}*y*z`);
    assert.equal(this.ctx.acl.setUser("narrow", ["on", "nopass", "+@all", ...patterns]), null);
    for (let i = 0; i < CROWD; i++) this.connect();
  }

  connect(): Duplex {
    const socket = new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        this.#written += chunk.length;
        done();
      },
    });
    const id = ++this.#clients as ClientId;
    const peer = { addr: `127.0.0.1:${id}`, laddr: "127.0.0.1:2", isUnix: false, fd: -1 };
    this.ctx.clients.set(id, new Session(this.ctx, id, socket, peer, execute));
    return socket;
  }

  /** The longest time for which nothing else has its turn until the request is dealt with. */
  async stallOf(bytes: Buffer): Promise<number> {
    const socket = this.connect();
    await setImmediate();
    let longestMs = 0;
    let quietTurns = 0;
    for (let at = 0; quietTurns < 5; at += CHUNK_BYTES) {
      const before = this.#written;
      const startedMs = performance.now();
      if (at < bytes.length && !socket.destroyed) socket.push(bytes.subarray(at, at + CHUNK_BYTES));
      await setImmediate();
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      quietTurns = at < bytes.length || this.#written > before ? 0 : quietTurns + 1;
    }
    socket.destroy();
    await setImmediate();
    return longestMs;
  }
}

/** The least of some attempts: what a busy machine adds is not ours. */
async function leastOf(stall: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > MOST_STALL_MS; attempt++) {
    least = Math.min(least, await stall());
  }
  return least;
}

async function bestStallOf(scenery: Scenery, words: readonly string[]): Promise<number> {
  const bytes = Buffer.from(request(words), "latin1");
  return await leastOf(() => scenery.stallOf(bytes));
}

it("requests in a row, however many, let others have their turn", async () => {
  const scenery = new Scenery();
  const kill = request(["CLIENT", "KILL", "ADDR", "127.0.0.1:1", "LADDR", "none"]);
  const many = Buffer.from(kill.repeat(15_000), "latin1");
  const stallMs = await leastOf(() => scenery.stallOf(many));
  assert.ok(stallMs < MOST_STALL_MS, `${stallMs.toFixed()} ms`);
});

it("clients that have much to ask take turns, and a newcomer gets his", async () => {
  const scenery = new Scenery();
  const kill = request(["CLIENT", "KILL", "ADDR", "127.0.0.1:1", "LADDR", "none"]);
  const much = Buffer.from(kill.repeat(2_000), "latin1");
  const stallMs = await leastOf(async () => {
    const busy = Array.from({ length: 50 }, () => scenery.connect());
    for (const socket of busy) socket.push(much);
    await setImmediate();
    const newcomerMs = await scenery.stallOf(Buffer.from(request(["PING"]), "latin1"));
    for (const socket of busy) socket.destroy();
    return newcomerMs;
  });
  assert.ok(stallMs < MOST_STALL_MS, `${stallMs.toFixed()} ms`);
});

function titleOf({ command, note }: Costly): string {
  return note === undefined ? command : `${command}, ${note}`;
}

describe("no request stalls the others", () => {
  const scenery = new Scenery();

  it("and each command is tried", () => {
    const tried = new Set(COSTLY.map(({ command }) => command));
    const missing = allCommands(STANDARD_COMMANDS).filter(({ fullName }) => !tried.has(fullName));
    assert.deepEqual(missing, []);
  });

  for (const costly of COSTLY) {
    it(`${titleOf(costly)}, as long as it may be`, async () => {
      const words = wordsOf(costly, MAX_REQUEST_WORDS, MAX_REQUEST_BYTES);
      const stallMs = await bestStallOf(scenery, words);
      assert.ok(stallMs < MOST_STALL_MS, `${stallMs.toFixed()} ms for ${words.length} words`);
    });

    it(`${titleOf(costly)}, its options ${OFTEN} times`, async () => {
      const words = wordsOf(costly, OFTEN, 16 * MAX_REQUEST_BYTES);
      const stallMs = await bestStallOf(scenery, words);
      assert.ok(stallMs < MOST_STALL_MS, `${stallMs.toFixed()} ms for ${words.length} words`);
    });
  }
});
