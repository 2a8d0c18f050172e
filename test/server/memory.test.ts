import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  MAX_ACL_LOG_TEXT_BYTES,
  MAX_NAME_BYTES,
  MAX_SUBSCRIPTION_BYTES,
} from "../../src/core/limits.ts";
import { affordableBytes, ClientMemory, type Holder } from "../../src/server/client-memory.ts";
import { start } from "./harness.ts";

const MIB = 1024 * 1024;

/** So many names that their weight is above what one client may take, in requests of 4,000. */
function* tooManyNames(length: number): Iterable<string[]> {
  for (let first = 0; first < 3_000; first += 1_000) {
    yield Array.from({ length: 1_000 }, (_, i) => `${first + i}`.padStart(length, "c"));
  }
}

describe("what one client subscribes to [D-CLIENT-MEMORY]", () => {
  it("ends with an error; all of a request is taken or nothing, and what was taken stays", async (t) => {
    const client = await (await start(t)).connect();
    await client.ask("HELLO", "3");
    let taken = 0;
    for (const names of tooManyNames(20)) {
      client.send("SUBSCRIBE", ...names);
      const first = await client.reply();
      if (first.startsWith("-")) {
        assert.match(first, /^-ERR the subscriptions of one client take at most 262144 bytes/);
        break;
      }
      for (let i = 1; i < names.length; i++) await client.reply();
      taken += names.length;
    }
    assert.equal(taken, 1_000);
    assert.match(await client.ask("CLIENT", "INFO"), / sub=1000 /);
  });

  it("has room again for what was given up", async (t) => {
    const client = await (await start(t)).connect();
    const [names = []] = tooManyNames(60);
    for (let round = 0; round < 3; round++) {
      client.send("SUBSCRIBE", ...names);
      for (const name of names) assert.match(await client.reply(), new RegExp(name));
      client.send("UNSUBSCRIBE");
      for (const name of names) assert.match(await client.reply(), new RegExp(name));
    }
  });

  it("counts a name once, however often it is said", async (t) => {
    const client = await (await start(t)).connect();
    const often = Array.from({ length: 4_000 }, () => "p".repeat(100));
    client.send("PSUBSCRIBE", ...often);
    for (const _ of often) assert.match(await client.reply(), /, :1\]$/);
  });

  it("is little where patterns are concerned, as each is compiled and matches events", async (t) => {
    const client = await (await start(t)).connect();
    const patterns = Array.from({ length: MAX_SUBSCRIPTION_BYTES / 4096 }, (_, i) => `*${i}`);
    client.send("PSUBSCRIBE", ...patterns);
    assert.match(await client.reply(), /^-ERR the subscriptions of one client/);
    assert.equal(await client.ask("PSUBSCRIBE", "*"), '>["psubscribe", "*", :1]'.slice(1));
  });

  it("and the prefixes that it tracks", async (t) => {
    const client = await (await start(t)).connect();
    const prefixes = Array.from({ length: 2_000 }, (_, i) => ["PREFIX", `${i}`.padEnd(400, "-")]);
    client.send("CLIENT", "TRACKING", "ON", "BCAST", ...prefixes.flat());
    assert.match(await client.reply(), /^-ERR the prefixes of one client take at most/);
    assert.equal(await client.ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a"), "+OK");
  });
});

it("names that CLIENT LIST shows have an end", async (t) => {
  const client = await (await start(t)).connect();
  const [longest, longer] = ["x".repeat(MAX_NAME_BYTES), "x".repeat(MAX_NAME_BYTES + 1)];
  for (const words of [
    ["CLIENT", "SETNAME"],
    ["CLIENT", "SETINFO", "lib-name"],
    ["CLIENT", "SETINFO", "lib-ver"],
  ]) {
    assert.equal(await client.ask(...words, longest), "+OK");
    assert.match(await client.ask(...words, longer), /^-ERR a name has at most 512 bytes/);
  }
  assert.match(await client.ask("HELLO", "2", "SETNAME", longer), /^-ERR a name has at most/);
  assert.match(await client.ask("ACL", "SETUSER", longer), /^-ERR a name has at most/);
});

it("ACL LOG keeps the beginning of what was refused", async (t) => {
  const client = await (await start(t, { requirepass: "secret" })).connect();
  const long = "u".repeat(10_000);
  assert.match(await client.ask("AUTH", long, "x"), /^-WRONGPASS/);
  await client.ask("AUTH", "secret");
  const log = await client.ask("ACL", "LOG");
  assert.ok(log.includes(`"username", "${long.slice(0, MAX_ACL_LOG_TEXT_BYTES)}"`));
  assert.ok(log.length < 2_000, `${log.length}`);
});

class Taking implements Holder {
  countedBytes = 0;
  memoryBytes: number;
  readonly name: string;

  constructor(name: string, memoryBytes: number) {
    this.name = name;
    this.memoryBytes = memoryBytes;
  }
}

describe("what all clients take together", () => {
  it("above its limit costs those that take most, and no more of them than needed", () => {
    const holders = new Set(
      [5, 40, 1, 30, 20].map((bytes, index) => new Taking(`${index}`, bytes)),
    );
    const evicted: string[] = [];
    const memory = new ClientMemory(
      60,
      () => holders,
      (one: Taking) => {
        holders.delete(one);
        evicted.push(one.name);
      },
    );
    for (const one of [...holders]) if (holders.has(one)) memory.count(one);
    assert.deepEqual(evicted, ["1"]);
    for (const one of holders) one.memoryBytes += 10;
    for (const one of [...holders]) if (holders.has(one)) memory.count(one);
    assert.deepEqual(evicted, ["1", "3"]);
  });

  it("is counted anew before anybody is closed: what was sent is not held any more", () => {
    const [first, second] = [new Taking("a", 50), new Taking("b", 50)];
    const evicted: string[] = [];
    const memory = new ClientMemory(
      90,
      () => [first, second],
      (one: Taking) => evicted.push(one.name),
    );
    memory.count(first);
    first.memoryBytes = 0;
    memory.count(second);
    assert.deepEqual(evicted, []);
  });

  it("is an eighth of the heap, and of a large one 256 MiB", () => {
    assert.equal(affordableBytes(256 * MIB), 32 * MIB);
    assert.equal(affordableBytes(4096 * MIB), 256 * MIB);
  });

  const limits = [
    ["the share of the heap", {}, 8 * MIB],
    ["`maxmemory-clients`", { maxmemoryClientsBytes: 8 * MIB }, 1024 * MIB],
  ] as const;
  for (const [what, config, heapShareBytes] of limits) {
    it(`in truth, by ${what}: who takes most is closed, told, and counted in INFO`, async (t) => {
      const { connect, host, server } = await start(t, config, heapShareBytes);
      const [greedy, modest] = [await connect(), await connect()];
      await modest.ask("SUBSCRIBE", "+sdown");
      await greedy.ask("SUBSCRIBE", "+sdown");
      greedy.socket.pause();
      const [names = []] = tooManyNames(40);
      greedy.send("SUBSCRIBE", ...names);
      const watcher = await connect();
      await watcher.ask("HELLO", "3");
      for (let i = 0; i < 200 && host.logged.length === 0; i++) {
        server.publish("+sdown", "x".repeat(100_000));
        await modest.reply();
      }
      assert.match(host.logged[0]?.[1] ?? "", /^Evicting client, .* takes most: id=1 /);
      assert.match(await watcher.ask("INFO", "stats"), /evicted_clients:1\\r/);
      server.publish("+sdown", "still");
      assert.match(await modest.reply(), /"still"/);
    });
  }
});
