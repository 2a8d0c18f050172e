import assert from "node:assert/strict";
import { test } from "node:test";
import { PEER_ID, PLAIN_MASTER } from "../core/harness.ts";
import { until, within } from "../support/until.ts";
import { ask, listening, rawConnection, watching } from "./harness.ts";

test("what it knows is one document, of all masters or of one, without secrets", async (t) => {
  const { port } = await listening(t, watching());
  const { status, headers, body } = await ask(port, "/status");
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "application/json; charset=utf-8");
  const document = JSON.parse(body);
  assert.equal(document.schema, 1);
  assert.equal(document.sentinel.versions.own, "1.2.3");
  const [master] = document.masters;
  assert.equal(master.name, PLAIN_MASTER.name);
  assert.equal(master.replicas[0].host, "10.0.0.2");
  assert.equal(master.sentinels[0].runId, PEER_ID);
  assert.equal(master.settings.hasAuthPass, true);
  assert.doesNotMatch(body, /s3cret/);
  const one = JSON.parse((await ask(port, `/status?name=${PLAIN_MASTER.name}`)).body);
  assert.deepEqual(one.masters, document.masters);
  assert.equal((await ask(port, "/status?name=other")).status, 404);
});

test("the document tells which receiver of webhooks is dead, and why", async (t) => {
  const scene = await listening(t, watching());
  const figures = { delivered: 0, failed: 4, given_up: 0, dropped: 0 };
  const death = { trouble: "Connection refused", forMs: 61_000.4 };
  scene.hooks = [
    { hook: "pägér", waiting: 3, figures, death },
    { hook: "log", waiting: 0, figures, death: null },
  ];
  for (const path of ["/status", `/status?name=${PLAIN_MASTER.name}`]) {
    const { sentinel } = JSON.parse((await ask(scene.port, path)).body);
    assert.deepEqual(sentinel.webhooks, [
      { name: "pägér", waiting: 3, deadMs: 61_000, trouble: "Connection refused" },
      { name: "log", waiting: 0, deadMs: null, trouble: null },
    ]);
  }
});

test("the journal is handed out as it is, the entries that are asked for", async (t) => {
  const scene = await listening(t, watching());
  const asked: unknown[] = [];
  scene.history = (query) => {
    asked.push(query);
    const lines = ['{"id":1,"name":"caf\xc3\xa9"}', '{"id":2,"name":null}'];
    return Promise.resolve(query.name === "nobody" ? null : lines);
  };
  const { body } = await ask(scene.port, "/history?name=caf%C3%A9&count=7&since=5");
  const { schema, entries } = JSON.parse(body);
  assert.deepEqual(
    [schema, entries],
    [
      1,
      [
        { id: 1, name: "café" },
        { id: 2, name: null },
      ],
    ],
  );
  assert.equal((await ask(scene.port, "/history?count=99999")).status, 200);
  assert.deepEqual(asked, [
    { name: "caf\xc3\xa9", count: 7, since: 5 },
    { name: null, count: 1_000, since: 0 },
  ]);
  assert.equal((await ask(scene.port, "/history?name=nobody")).status, 404);
  for (const query of ["count=-1", "since=x", "count="]) {
    assert.equal((await ask(scene.port, `/history?${query}`)).status, 400);
  }
});

test("why a master is not failed over, or what would happen, is one document", async (t) => {
  const { port } = await listening(t, watching());
  const { status, body } = await ask(port, `/explain/${PLAIN_MASTER.name}`);
  assert.equal(status, 200);
  const { schema, verdict, code, text } = JSON.parse(body);
  assert.deepEqual([schema, verdict, code], [1, "blocked", "NO_FIT_REPLICA"]);
  assert.match(text, /^10\.0\.0\.1:6379 is up; /);
  for (const path of ["/explain", "/explain/other", `/explain/${PLAIN_MASTER.name}/x`]) {
    assert.equal((await ask(port, path)).status, 404);
  }
});

test("nothing is handed out that others could keep, frame, sniff or extend", async (t) => {
  const { port } = await listening(t, watching());
  for (const path of ["/", "/status", "/livez", "/nothing"]) {
    const { headers } = await ask(port, path);
    assert.match(String(headers["content-security-policy"]), /^default-src 'self';/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["set-cookie"], undefined);
    assert.equal(headers["x-powered-by"], undefined);
  }
});

test("only GET and HEAD are answered; what stands behind a body is not read as a request", async (t) => {
  const { port } = await listening(t, watching());
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]) {
    const { status, headers } = await ask(port, "/status", { method });
    assert.deepEqual([status, headers.allow], [405, "GET, HEAD"], method);
  }
  const head = await ask(port, "/status", { method: "HEAD" });
  const got = await ask(port, "/status");
  assert.equal(head.body, "");
  assert.equal(head.headers["content-length"], String(Buffer.byteLength(got.body)));
  assert.equal((await ask(port, "/events", { method: "HEAD" })).status, 200);
  const smuggled = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const first = `GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n`;
  const raw = rawConnection(port, first + smuggled);
  await raw.closed;
  assert.equal(raw.text.match(/^HTTP\/1\.1/gm)?.length, 1);
});

test("paths that there are none, names that nobody watches", async (t) => {
  const { port } = await listening(t, watching());
  for (const path of [
    "/nothing",
    "/status/x",
    "/is-master",
    "/is-master/m/h",
    "/livez/",
    "/../x",
  ]) {
    assert.equal((await ask(port, path)).status, 404, path);
  }
  assert.equal((await ask(port, "/is-master/other")).status, 404);
  assert.equal((await ask(port, "/quorumz?name=other")).status, 404);
  assert.equal((await ask(port, "/is-replica/mymaster?lag=x")).status, 400);
});

test("before the core is loaded it lives and is not ready", async (t) => {
  const scene = await listening(t, watching());
  scene.isStarted = false;
  const codes = [
    "/livez",
    "/readyz",
    "/quorumz",
    "/quorumz?name=x",
    "/status",
    "/history",
    "/explain/x",
    "/is-master/x",
  ];
  const statuses = await Promise.all(
    codes.map(async (path) => (await ask(scene.port, path)).status),
  );
  assert.deepEqual(statuses, [200, 503, 503, 503, 503, 503, 503, 503]);
});

test("one that stood still for ten seconds does not live", async (t) => {
  const { port, listener, sentinel } = await listening(t, watching());
  listener.tick();
  sentinel.now += 9_999;
  assert.equal((await ask(port, "/livez")).status, 200);
  sentinel.now += 1;
  assert.equal((await ask(port, "/livez")).status, 503);
  listener.tick();
  assert.equal((await ask(port, "/livez")).status, 200);
});

test("events come as they happen, and those that were missed come first", async (t) => {
  const { port, listener } = await listening(t, watching());
  for (let at = 0; at < 1_005; at++) listener.hear("warning", "+x", `before ${at}`);
  listener.hear("debug", "+secretly", "nobody hears it");
  const live = rawConnection(port, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until(() => live.text.includes("\n\n"), { what: "the stream begins" });
  assert.doesNotMatch(live.text, /before/);
  listener.hear("warning", "+sdown", "master mymaster 10.0.0.1 6379");
  await until(() => live.text.includes("+sdown"), { what: "the event" });
  const [, id = "", name, data = ""] =
    /id: (\d+)\nevent: (.*)\ndata: (.*)\n\n/.exec(live.text) ?? [];
  assert.equal(name, "+sdown");
  const { text, ...event } = JSON.parse(data);
  assert.match(text, /is down for this Sentinel/);
  assert.deepEqual(event, {
    id: Number(id),
    at: event.at,
    level: "warning",
    name: "+sdown",
    payload: "master mymaster 10.0.0.1 6379",
  });
  live.socket.destroy();
  const replayed = async (lastId: string): Promise<number> => {
    const head = `GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${lastId}\r\n\r\n`;
    const raw = rawConnection(port, head);
    await until(() => raw.text.includes(`id: ${id}`), { what: "the last event" });
    raw.socket.destroy();
    return raw.text.match(/^id: /gm)?.length ?? 0;
  };
  assert.equal(await replayed(String(Number(id) - 3)), 3);
  // Of the process before this one, or nonsense: all that there is.
  for (const lastId of ["817", "9".repeat(16), "x", ""])
    assert.equal(await replayed(lastId), 1_000);
});

test("a reader that does not keep up is cut off, the others are not", async (t) => {
  const scene = await listening(t, watching());
  const { port, listener, said } = scene;
  const begin = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const slow = rawConnection(port, begin);
  const quick = rawConnection(port, begin);
  await until(() => slow.text !== "" && quick.text !== "", { what: "both read" });
  slow.socket.pause();
  const payload = "x".repeat(1_000);
  // More than the system keeps for a connection.
  for (let round = 0; round < 400 && said.length === 0; round++) {
    for (let at = 0; at < 50; at++) listener.hear("warning", "+x", payload);
    const count = (round + 1) * 50;
    await until(() => quick.text.split("\nevent: ").length > count, {
      what: "the quick one reads",
    });
  }
  assert.deepEqual(said, ["A reader of /events that did not keep up was cut off"]);
  slow.socket.resume();
  await slow.closed;
  assert.equal(quick.socket.destroyed, false);
  quick.socket.destroy();
});

test("a burst of one turn cuts off nobody who reads", async (t) => {
  const { port, listener, said } = await listening(t, watching());
  const reader = rawConnection(port, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until(() => reader.text !== "", { what: "it reads" });
  const payload = "x".repeat(1_000);
  for (let at = 0; at < 2_000; at++) listener.hear("warning", "+x", payload);
  await until(() => reader.text.split("\nevent: ").length > 2_000, { what: "all of it" });
  assert.deepEqual(said, []);
  reader.socket.destroy();
});

test("a stream of events ends after ten minutes, and the next one goes on where it ended", async (t) => {
  const { port, listener, sentinel } = await listening(t, watching());
  const begin = (lastId: string) =>
    rawConnection(
      port,
      `GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${lastId}\r\n\r\n`,
    );
  const first = begin("");
  await until(() => first.text.includes("\n\n"), { what: "the stream begins" });
  sentinel.now += 599_999;
  listener.tick();
  listener.hear("warning", "+sdown", "master mymaster 10.0.0.1 6379");
  await until(() => first.text.includes("+sdown"), { what: "the event" });
  sentinel.now += 1;
  listener.hear("warning", "-sdown", "master mymaster 10.0.0.1 6379");
  listener.tick();
  await until(() => first.text.endsWith("\r\n0\r\n\r\n"), { what: "the end" });
  assert.match(first.text, /-sdown/);
  // The connection is as good as before.
  const id = /id: (\d+)\nevent: \+sdown/.exec(first.text)?.[1] ?? "";
  first.text = "";
  first.socket.write(`GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${id}\r\n\r\n`);
  await until(() => first.text.includes("-sdown"), { what: "what it missed" });
  assert.doesNotMatch(first.text, /\+sdown/);
  first.socket.destroy();
});

test("what Node would answer itself is answered as all else, and the connection goes on", async (t) => {
  const { port } = await listening(t, watching());
  const next = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const cases = [
    ["HTTP/1.1\r\n", 400],
    ["HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\n", 400],
    ["HTTP/1.1\r\nHost: localhost\r\nExpect: the best\r\n", 200],
    ["HTTP/1.1\r\nExpect: the best\r\n", 400],
    ["HTTP/1.0\r\nConnection: keep-alive\r\n", 200],
  ] as const;
  for (const [head, status] of cases) {
    const raw = rawConnection(port, `GET /livez ${head}\r\n${next}`);
    await until(() => raw.text.split("HTTP/1.1 ").length === 3, { what: `two answers: ${head}` });
    const statuses = [...raw.text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));
    assert.deepEqual(statuses, [status, 200], head);
    assert.equal(raw.text.match(/^content-security-policy: /gim)?.length, 2, head);
    raw.socket.destroy();
  }
});

test("who says nothing, or too slowly, or too much, is let go; silent ones make room", async (t) => {
  const { port } = await listening(t, watching());
  const silent = rawConnection(port);
  const slow = rawConnection(port, "GET /livez HTTP/1.1\r\nHost: localh");
  const much = rawConnection(port, `GET /livez HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
  await within(Promise.all([silent.closed, slow.closed, much.closed]), 10_000, "the end of three");
  const idle = Array.from({ length: 64 }, () =>
    rawConnection(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  await until(() => idle.every(({ text }) => text.includes("200 OK")), { what: "64 answers" });
  assert.equal((await ask(port, "/livez")).status, 200);
  await Promise.all(idle.map(({ closed }) => closed));
});

test("half of the connections at most read events, and there are no more than 64", async (t) => {
  const { port } = await listening(t, watching());
  const begin = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const readers = Array.from({ length: 32 }, () => rawConnection(port, begin));
  await until(() => readers.every(({ text }) => text.includes("200 OK")), { what: "32 readers" });
  assert.equal((await ask(port, "/events")).status, 503);
  const begun = "GET /livez HTTP/1.1\r\nHost: ";
  const half = Array.from({ length: 33 }, () => rawConnection(port, begun));
  await Promise.race(half.map(({ closed }) => closed));
  for (const { socket } of [...readers, ...half]) socket.destroy();
});
