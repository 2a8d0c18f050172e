import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { type HookConfig, readHooks } from "../../src/http/hooks/config.ts";
import { Hook } from "../../src/http/hooks/hook.ts";
import { HookNames } from "../../src/http/hooks/names.ts";
import { post } from "../../src/http/hooks/post.ts";
import type { PastEvent } from "../../src/http/past-event.ts";
import { cpuClock } from "../support/cpu-clock.ts";
import { releasePort, reservePort } from "../support/ports.ts";
import { deferred } from "../support/until.ts";

const cpuMillis = cpuClock();

const CONFIG: HookConfig = {
  name: "pager",
  url: "http://127.0.0.1:1/secret-path",
  events: ["+sdown", "+switch-master", "-failover-abort-*"],
  secret: null,
  authorities: null,
};

function eventOf(id: number, name: string, payload: string): PastEvent {
  return { id, at: 1_700_000_000_000, level: "warning", name, payload };
}

function down(id: number, master: string): PastEvent {
  return eventOf(id, "+sdown", `master ${master} 10.0.0.1 6379`);
}

/** A world in which a test says when time passes, and whether posts are taken. */
class World {
  readonly sent: number[] = [];
  readonly told: string[] = [];
  readonly noted: string[] = [];
  trouble: string | null = null;
  /** Answers come when the test says so. */
  held: (() => void)[] | null = null;
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  readonly hook = new Hook(CONFIG, {
    now: () => this.#now,
    post: (_config, { id }) => {
      this.sent.push(id);
      const { promise, resolve } = deferred<string | null>();
      const answer = () => resolve(this.trouble);
      if (this.held === null) answer();
      else this.held.push(answer);
      return promise;
    },
    later: (callback, ms) => this.#timers.push({ at: this.#now + ms, callback }),
    tell: (text) => this.told.push(text),
    note: (result, text, lastedMs) => this.noted.push(`${result} ${text} ${lastedMs}`),
  });

  /** All that happens within this time, one after the other. */
  async pass(ms: number): Promise<void> {
    const endAt = this.#now + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#timers.sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > endAt) break;
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = endAt;
  }
}

test("events that are wanted are sent, in order, and nothing in the turn of the event", async () => {
  const world = new World();
  const events = [
    down(1, "m"),
    eventOf(2, "+vote-for-leader", "x 1"),
    eventOf(3, "-failover-abort-not-elected", "master m 10.0.0.1 6379"),
    eventOf(4, "+switch-master", "m 10.0.0.1 6379 10.0.0.2 6379"),
  ];
  for (const event of events) world.hook.hear(event);
  assert.deepEqual(world.sent, []);
  await world.pass(0);
  assert.deepEqual(world.sent, [1, 3, 4]);
  assert.deepEqual([world.hook.figures.delivered, world.hook.waiting], [3, 0]);
  assert.deepEqual(world.told, []);
});

test("one master's trouble holds up its own events only, and they keep their order", async () => {
  const world = new World();
  world.held = [];
  for (const [id, master] of [
    [1, "a b"],
    [2, "a b"],
    [3, "c"],
    [4, "c"],
    [5, "a b"],
  ] as const) {
    world.hook.hear(down(id, master));
  }
  // Its name has blanks, too.
  world.hook.hear(eventOf(6, "+switch-master", "a b 10.0.0.1 6379 10.0.0.2 6379"));
  await world.pass(0);
  assert.deepEqual(world.sent, [1, 3]);
  for (let round = 0; round < 4; round++) {
    for (const answer of world.held.splice(0)) answer();
    await world.pass(0);
  }
  assert.deepEqual(world.sent, [1, 3, 2, 4, 5, 6]);
});

test("at most four at a time", async () => {
  const world = new World();
  world.held = [];
  for (let id = 0; id < 10; id++) world.hook.hear(down(id, `m${id}`));
  await world.pass(0);
  assert.equal(world.sent.length, 4);
  world.held.shift()?.();
  await world.pass(0);
  assert.equal(world.sent.length, 5);
});

test("what is not taken is tried again ever more seldom, for ten minutes", async () => {
  const world = new World();
  world.trouble = "Connection refused";
  world.hook.hear(down(1, "m"));
  world.hook.hear(down(2, "m"));
  await world.pass(0);
  const counts: number[] = [];
  for (const ms of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]) {
    await world.pass(ms - 1);
    counts.push(world.sent.length);
    await world.pass(1);
  }
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...new Set(world.sent)], [1]);
  await world.pass(540_000);
  assert.deepEqual([...new Set(world.sent)], [1, 2]);
  assert.equal(world.hook.figures.given_up, 1);
  world.trouble = null;
  await world.pass(60_000);
  assert.deepEqual([world.hook.figures.delivered, world.hook.waiting], [1, 0]);
  assert.deepEqual(world.told, [
    "Webhook pager does not take events: Connection refused",
    "Webhook pager takes events again",
  ]);
});

test("one that takes nothing for a minute is dead, until it takes an event", async () => {
  const world = new World();
  world.trouble = "Connection refused";
  world.hook.hear(down(1, "m"));
  // Tried at 0, 1, 3, 7, 15, 31 and 63 s.
  await world.pass(62_999);
  assert.deepEqual([world.noted, world.hook.death], [[], null]);
  await world.pass(1);
  assert.deepEqual(world.noted, ["began pager takes no events: Connection refused null"]);
  world.trouble = "it answers with status 404";
  await world.pass(700_000);
  // Given up, and dead still: nothing has arrived since.
  assert.deepEqual([world.hook.waiting, world.hook.figures.given_up], [0, 1]);
  assert.deepEqual(world.hook.death, {
    trouble: "it answers with status 404",
    forMs: 763_000,
  });
  world.trouble = null;
  world.hook.hear(down(2, "m"));
  await world.pass(0);
  assert.deepEqual(world.noted.slice(1), ["ended pager takes events again 763000"]);
  assert.equal(world.hook.death, null);
});

test("what hangs is dead by the time of its attempts; a restart is none", async () => {
  const world = new World();
  world.held = [];
  world.trouble = "no answer within 5 s";
  world.hook.hear(down(1, "m"));
  for (let attempt = 0; attempt < 9 && world.noted.length === 0; attempt++) {
    await world.pass(5_000);
    for (const answer of world.held.splice(0)) answer();
    await world.pass(1_000 * 2 ** attempt);
  }
  assert.deepEqual(world.noted, ["began pager takes no events: no answer within 5 s null"]);
  const other = new World();
  other.trouble = "Connection refused";
  other.hook.hear(down(1, "m"));
  await other.pass(31_000);
  other.trouble = null;
  await other.pass(60_000);
  assert.deepEqual([other.noted, other.hook.figures.delivered], [[], 1]);
});

test("a thousand wait at most: of the longest line the oldest goes", async () => {
  const world = new World();
  world.trouble = "no";
  world.hook.hear(down(-1, "other"));
  for (let id = 0; id < 1_500; id++) world.hook.hear(down(id, "m"));
  assert.deepEqual([world.hook.waiting, world.hook.figures.dropped], [1_000, 501]);
  world.trouble = null;
  await world.pass(0);
  // The first one may have been under way.
  assert.deepEqual(
    world.sent.slice(0, 4).sort((a, b) => a - b),
    [-1, 0, 502, 503],
  );
  assert.equal(world.sent.at(-1), 1_499);
  assert.equal(world.sent.length, 1_000);
});

test("where each of a thousand masters has one event, the oldest that waits goes", async () => {
  const world = new World();
  world.held = [];
  for (let id = 0; id < 1_000; id++) world.hook.hear(down(id, `m${id}`));
  await world.pass(0);
  for (let id = 1_000; id < 1_003; id++) world.hook.hear(down(id, `m${id}`));
  assert.deepEqual([world.hook.waiting, world.hook.figures.dropped], [1_000, 3]);
  // One of a master whose event was dropped comes behind.
  world.hook.hear(down(1_003, "m4"));
  while (world.held.length > 0) {
    for (const answer of world.held.splice(0)) answer();
    await world.pass(0);
  }
  const expected = Array.from({ length: 1_004 }, (_, id) => id).filter((id) => id < 4 || id > 7);
  assert.deepEqual(world.sent, expected);
  assert.equal(world.hook.waiting, 0);
});

test("a storm of which most finds no room costs nothing once the receiver answers", async () => {
  const timers: (() => void)[] = [];
  const posted: ((trouble: string | null) => void)[] = [];
  const hook = new Hook(CONFIG, {
    now: () => 0,
    post: () => new Promise((resolve) => posted.push(resolve)),
    later: (callback) => timers.push(callback),
    tell: () => undefined,
    note: () => undefined,
  });
  const before = cpuMillis();
  for (let id = 0; id < 200_000; id++) hook.hear(down(id, `m${id % 10_000}`));
  const heard = cpuMillis();
  for (const callback of timers.splice(0)) callback();
  for (const answer of posted.splice(0)) answer(null);
  await new Promise(setImmediate);
  const answered = cpuMillis();
  assert.deepEqual([hook.figures.delivered, hook.figures.dropped], [4, 199_000]);
  assert.ok(answered - heard < heard - before, `${answered - heard} ms`);
});

test("a hook that is gone posts nothing more, and says nothing", async () => {
  const world = new World();
  world.held = [];
  for (let id = 0; id < 3; id++) world.hook.hear(down(id, "m"));
  world.trouble = "no";
  world.hook.hear(down(3, "other"));
  await world.pass(0);
  world.held.shift()?.();
  await world.pass(0);
  // One waits for its next attempt, one is under way.
  assert.equal(world.told.length, 1);
  world.trouble = null;
  world.hook.close();
  assert.equal(world.hook.waiting, 0);
  world.held.shift()?.();
  await world.pass(600_000);
  assert.deepEqual(world.sent, [0, 3]);
  assert.equal(world.told.length, 1);
});

test("names are asked for one at a time, each once for all who wait, and an answer is kept", async () => {
  const asked: string[] = [];
  const answers: ((address: string | null) => void)[] = [];
  const { lookup } = new HookNames((host) => {
    asked.push(host);
    return new Promise((resolve, reject) => {
      answers.push((address) => {
        if (address === null) reject(new Error("no such name"));
        else resolve([{ address, family: 4 }]);
      });
    });
  });
  const got: string[] = [];
  const ask = (host: string, all: boolean) => {
    lookup(host, { all }, (error, address) => {
      got.push(`${host} ${error?.message ?? JSON.stringify(address)}`);
    });
  };
  for (const host of ["hangs", "hangs", "works", "hangs"]) ask(host, false);
  await new Promise(setImmediate);
  assert.deepEqual(asked, ["hangs"]);
  answers.shift()?.(null);
  await new Promise(setImmediate);
  assert.deepEqual(asked, ["hangs", "works"]);
  answers.shift()?.("10.0.0.1");
  await new Promise(setImmediate);
  ask("works", true);
  ask("hangs", false);
  await new Promise(setImmediate);
  assert.deepEqual(asked, ["hangs", "works", "hangs"]);
  assert.deepEqual(got, [
    ...Array.from({ length: 3 }, () => "hangs no such name"),
    'works "10.0.0.1"',
    'works [{"address":"10.0.0.1","family":4}]',
  ]);
});

test("the file: hooks with files of their own, and mistakes without what they hold", () => {
  const read = (path: string, isSecret: boolean) => `${isSecret ? "secret" : "pem"} of ${path}\n`;
  const one = '{"url":"https://x/","events":["*"],"secretFile":"s","caFile":"c"}';
  const [first, second] = readHooks(`[${one},{"name":"n","url":"http://y","events":["a"]}]`, read);
  assert.deepEqual(first, {
    ...{ name: "1", url: "https://x/", events: ["*"] },
    ...{ secret: "secret of s", authorities: "pem of c\n" },
  });
  assert.deepEqual([second?.name, second?.secret, second?.authorities], ["n", null, null]);
  const mistakes: Readonly<Record<string, RegExp>> = {
    '[{"url":"https://hooks/SECRET"': /^it is no JSON$/,
    "{}": /^it is no list/,
    "[1]": /^hook 1 is no object$/,
    '[{"url":"ftp://SECRET","events":["*"]}]': /^the url of hook 1 is none of http or https$/,
    '[{"events":["*"]}]': /^the url of hook 1/,
    '[{"url":"http://SECRET"}]': /^events of hook 1/,
    '[{"url":"http://SECRET","events":[]}]': /^events of hook 1/,
    '[{"url":"http://SECRET","events":[1]}]': /^events of hook 1/,
    '[{"url":"http://SECRET","events":["*"],"secret":"SECRET"}]': /^hook 1 has a field 'secret'/,
    '[{"url":"http://SECRET","events":["*"],"secretFile":5}]': /^secretFile of hook 1 is no text$/,
    [`[${one},{"name":"1","url":"http://SECRET","events":["*"]}]`]: /^two hooks have the name '1'$/,
  };
  for (const [text, expected] of Object.entries(mistakes)) {
    assert.throws(
      () => readHooks(text, read),
      (error: Error) => {
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /SECRET/);
        return true;
      },
    );
  }
  assert.throws(() => readHooks(`[${one}]`, () => "\n"), /^Error: the secret of hook 1 is empty$/);
});

test("what is posted is signed, and says the same of itself at each attempt", async (t) => {
  const port = await reservePort();
  const got: { readonly head: IncomingMessage; readonly body: string }[] = [];
  let status = 204;
  const server = createServer((head, response) => {
    const chunks: Buffer[] = [];
    head.on("data", (chunk) => chunks.push(chunk));
    head.on("end", () => {
      got.push({ head, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(status, { location: "/elsewhere" });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    releasePort(port);
  });
  const config = { ...CONFIG, url: `http://hook.invalid:${port}/a?b=c`, secret: "key" };
  const { lookup } = new HookNames(() => Promise.resolve([{ address: "127.0.0.1", family: 4 }]));
  const event = down(7, "caf\xc3\xa9");
  assert.equal(await post(config, event, "me", lookup), null);
  status = 307;
  assert.equal(await post(config, event, "me", lookup), "it answers with status 307");
  assert.equal(got.length, 2);
  for (const { head, body } of got) {
    assert.deepEqual([head.method, head.url], ["POST", "/a?b=c"]);
    const signed = `sha256=${createHmac("sha256", "key").update(body).digest("hex")}`;
    assert.equal(head.headers["x-signature-256"], signed);
    assert.equal(head.headers["x-sentinel-delivery"], "me-7");
    assert.equal(head.headers["x-sentinel-event"], "+sdown");
    const { text, ...fields } = JSON.parse(body);
    assert.match(text, /^master café at 10\.0\.0\.1:6379 is down/);
    assert.deepEqual(fields, { ...event, payload: "master café 10.0.0.1 6379" });
  }
  const lost = new HookNames(() => {
    return Promise.reject(Object.assign(new Error("hook.invalid"), { code: "ENOTFOUND" }));
  });
  assert.equal(await post(config, event, "me", lost.lookup), "its host is not found");
  const nobody = { ...config, url: "http://127.0.0.1:1/" };
  assert.equal(await post(nobody, event, "me", lookup), "Connection refused");
});
