import assert from "node:assert/strict";
import { test } from "node:test";
import { type Content, type Element, textOf } from "../../src/page/element.ts";
import { findingsOf, ownFindings } from "../../src/page/findings.ts";
import { nameIn } from "../../src/page/list.ts";
import { headline, matching, summariesOf } from "../../src/page/masters.ts";
import { drawPage, type Known, titleOf } from "../../src/page/page.ts";
import type { FailoverEntry } from "../../src/page/status.ts";
import { storyOf } from "../../src/page/story.ts";
import { timelineOf } from "../../src/page/timeline.ts";
import { SimCluster } from "../sim/cluster.ts";
import { knownOf, masterIn } from "./known.ts";

function settled(options: ConstructorParameters<typeof SimCluster>[0] = {}): SimCluster {
  const cluster = new SimCluster(options);
  cluster.settle();
  cluster.clock.advance(5_000);
  return cluster;
}

function partsOf(content: Content): readonly Element[] {
  if (typeof content === "string") return [];
  return [content, ...content.children.flatMap(partsOf)];
}

const texts = (known: Known) => drawPage(known).map(textOf).join(" ");
const whats = (known: Known, name?: string) =>
  findingsOf(masterIn(known, name)).map(({ level, what }) => `${level}: ${what}`);

test("a calm cluster: nothing is wrong, and nothing on the page moves", () => {
  const cluster = settled();
  const known = knownOf(cluster);
  assert.deepEqual(whats(known), []);
  assert.equal(titleOf(known), "Sentinel: all is well");
  const text = texts(known);
  assert.match(text, /mymaster is well\. Clients go to +10\.0\.0\.1:6379 .*Live/);
  assert.match(text, /follows, lag 0 B/);
  assert.equal(text.match(/next in line/g)?.length, 3, "in the picture, its title, the table");
  // What is drawn of the picture a second later is the same.
  cluster.clock.advance(1_000);
  const pictures = [known, knownOf(cluster)].map((one) =>
    JSON.stringify(
      drawPage(one)
        .flatMap(partsOf)
        .find(({ tag }) => tag === "svg"),
    ),
  );
  assert.equal(pictures[0], pictures[1]);
});

test("a master that was killed: who says so, then the failover, then what it was", () => {
  const cluster = settled({ seed: 5 });
  const old = cluster.server(0);
  const isSdown = () => masterIn(knownOf(cluster)).downMs !== null;
  cluster.network.kill(old);
  cluster.clock.advanceUntil(isSdown, 10_000);
  const down = knownOf(cluster);
  const [worst] = findingsOf(masterIn(down));
  assert.match(worst?.what ?? "", /^The master is down for /);
  assert.match(titleOf(down), /^\(1\) mymaster is (down|failing over)\.$/);
  const running = timelineOf(down.events, masterIn(down), null);
  assert.equal(running?.endedAt, null);
  assert.equal(running?.steps[0]?.name, "down for this Sentinel");
  assert.ok(running?.steps.some(({ state }) => state === "now"));

  cluster.awaitNewMaster(old, 20_000);
  cluster.clock.advance(5_000);
  const after = knownOf(cluster);
  const last = timelineOf(after.events, masterIn(after), null);
  assert.equal(last?.title, "The last failover");
  assert.ok(last?.steps.some(({ name }) => name === "clients are sent to it"));
  assert.ok(last?.steps.every(({ state, at }) => state === "done" && at !== null));
  assert.deepEqual(whats(after), [`warn: Replica ${old.ip}:6379 is down, for ${downOf(after)}.`]);
  assert.match(texts(after), /mymaster is well, with warnings/);
});

function downOf(known: Known): string {
  const [ms = 0] = masterIn(known).replicas.flatMap(({ downMs }) => downMs ?? []);
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.floor(ms / 1_000)} s`;
}

test("a leader's failover shows the steps that are to come", () => {
  const cluster = settled({ seed: 5 });
  cluster.network.kill(cluster.server(0));
  const leading = () =>
    cluster.sentinels.findIndex(({ core }) =>
      [...core.state.masters.values()].some(({ failover }) => failover?.step === "wait_promotion"),
    );
  cluster.clock.advanceUntil(() => leading() !== -1, 20_000);
  const known = knownOf(cluster, leading());
  const { steps = [] } = timelineOf(known.events, masterIn(known), null) ?? {};
  const open = steps.filter(({ state }) => state !== "done").map(({ name }) => name);
  assert.match(
    open[0] ?? "",
    /^waiting until the replica says that it is a master \(10\.0\.0\.\d:6379\)$/,
  );
  assert.deepEqual(open.slice(1), ["replica is a master", "clients are sent to it"]);
});

test("the last failover is told by the journal, if it has it: with its reason and what it cost", () => {
  const known = knownOf(settled());
  const phases = {
    ...{ sdown: 2_000, odown: 2_003, tried: 2_003, elected: 2_009, selected: 2_010 },
    ...{ promoted: 2_031, followed: null, switched: 2_032 },
  };
  const entry: FailoverEntry = {
    ...{ id: 7, at: 1_000_000, type: "failover", name: "mymaster", kind: "down", result: "done" },
    ...{ reason: "no answer to PING: Connection refused", ending: null, by: null, attempt: 1 },
    ...{ epoch: "3", leader: "a", votesNeeded: 2, candidates: [], tookMs: 2_100, phases },
    votes: ["a", "b"].map((sentinel) => ({ sentinel, leader: "a" })),
    from: { host: "10.0.0.1", port: 6379 },
    to: { host: "10.0.0.2", port: 6379 },
    lacked: { bytes: 3_140_000, seenMs: 700 },
  };
  const timeline = timelineOf(known.events, masterIn(known), entry);
  assert.deepEqual(timeline, {
    title: "The last failover",
    endedAt: 1_000_000,
    notes: [
      "Why: no answer to PING: Connection refused.",
      "The new master lacked 3 MB, seen 0.7 s before.",
    ],
    steps: [
      ["last sign of life of 10.0.0.1:6379", 0],
      ["down for this Sentinel", 2_000],
      ["down for enough Sentinels", 2_003],
      ["stands for election", 2_003],
      ["elected, with 2 votes", 2_009],
      ["replica chosen: 10.0.0.2:6379", 2_010],
      ["replica is a master", 2_031],
      ["clients are sent to it", 2_032],
    ].map(([name, ms]) => ({ name, at: 997_900 + Number(ms), state: "done" })),
  });
  const by = { address: "10.0.0.9:55123", user: "default" };
  const failed: FailoverEntry = { ...entry, by, result: "slave-timeout", lacked: null };
  const { title, steps = [] } = timelineOf(known.events, masterIn(known), failed) ?? {};
  assert.equal(title, "The last attempt");
  assert.equal(steps[0]?.name, "asked for by default at 10.0.0.9:55123");
  assert.deepEqual(steps.at(-1), {
    name: "given up: replica timeout",
    at: 1_000_000,
    state: "failed",
  });
});

test("a master that hangs is told before it counts as down", () => {
  const cluster = settled({ downAfterMs: 30_000 });
  cluster.server(0).isStopped = true;
  cluster.clock.advance(4_500);
  const known = knownOf(cluster);
  assert.match(whats(known).join("\n"), /^warn: The master has not answered for \d\.\d s\.$/);
  assert.match(texts(known), /It counts as down at 30 s\./);
  assert.match(texts(known), /no answer for \d\.\d s/);
  assert.doesNotMatch(texts(known), /master, answers/);
});

test("one Sentinel alone sees the master down: it says how many must agree", () => {
  const cluster = settled();
  const [first] = cluster.sentinels;
  assert.ok(first);
  cluster.network.kill(cluster.server(0));
  for (const other of cluster.sentinels.slice(1)) other.crash();
  cluster.clock.advance(8_000);
  const known = knownOf(cluster);
  const all = whats(known).join("\n");
  assert.match(all, /^bad: The master is down for 1 of 2 Sentinels that must agree, for \d/);
  assert.match(all, /bad: An election could not be won now\./);
  assert.match(all, /warn: Sentinel 10\.99\.0\.2:26379 is down, for /);
  const text = texts(known);
  assert.match(text, /1 of 3 Sentinels can vote, 2 must\./);
  const timeline = timelineOf(known.events, masterIn(known), null);
  assert.equal(timeline?.steps.at(-1)?.name, "2 Sentinels must agree");
});

test("a disk that is full and a Sentinel that stood still are told before all masters", () => {
  const { status } = knownOf(settled());
  assert.ok(status);
  const { sentinel } = status;
  const save = { failedMs: 3_000, tookMs: 0, isOwed: true };
  const troubled = { ...sentinel, save, tilt: { forMs: 2_000, count: 1 } };
  assert.deepEqual(
    ownFindings(troubled).map(({ what }) => what),
    [
      "This Sentinel cannot write its file, for 3.0 s: it gives no votes.",
      "This Sentinel stood still or its clock jumped, 2.0 s ago: it only watches.",
    ],
  );
  const known = { ...knownOf(settled()), status: { ...status, sentinel: troubled } };
  const [head] = drawPage(known);
  assert.match(textOf(head ?? ""), /cannot write its file/);
  assert.match(titleOf(known), /^\(1\)/);
});

test("a receiver of webhooks that is dead is told, since whom it was for hears nothing", () => {
  const known = knownOf(settled());
  assert.ok(known.status);
  const { sentinel } = known.status;
  const webhooks = [
    { name: "pager", waiting: 2, deadMs: 125_000, trouble: "Connection refused" },
    { name: "log", waiting: 0, deadMs: null, trouble: null },
  ];
  const status = { ...known.status, sentinel: { ...sentinel, webhooks } };
  const [head] = drawPage({ ...known, status });
  assert.match(
    textOf(head ?? ""),
    /Warning.*Webhook pager has taken no events for 2 min 5 s\. *Last error: Connection refused/,
  );
  assert.doesNotMatch(textOf(head ?? ""), /log/);
});

test("of many masters those in trouble come first, and can be looked for", () => {
  const cluster = settled({ masters: 12, replicas: 1 });
  cluster.network.kill(cluster.server(0, 7));
  cluster.network.kill(cluster.server(1, 3));
  cluster.clock.advanceUntil(() => masterIn(knownOf(cluster), "mymaster-7").downMs !== null, 9_000);
  const known = knownOf(cluster);
  const summaries = summariesOf(known.status?.masters ?? []);
  assert.deepEqual(
    summaries
      .slice(0, 4)
      .map(({ name }) => name)
      .toSorted(),
    ["mymaster", "mymaster-1", "mymaster-3", "mymaster-7"],
  );
  assert.equal(summaries[2]?.name, "mymaster", "those that are well by name");
  assert.match(headline(summaries).text, /^Of 12 masters: /);
  assert.deepEqual(
    matching(summaries, " Well  ER-1").map(({ name }) => name),
    ["mymaster-1", "mymaster-10", "mymaster-11"],
  );
  // Who was chosen stays, although others are worse.
  const drawn = drawPage({ ...known, selected: "mymaster-5" }).flatMap(partsOf);
  const heading = drawn.find(({ tag }) => tag === "h2");
  assert.equal(textOf(heading ?? ""), "Well mymaster-5");
  const current = drawn.filter(({ attributes }) => attributes["aria-current"] === "true");
  assert.deepEqual(
    current.map(({ attributes }) => attributes.href),
    ["#master=mymaster-5"],
  );
});

test("names of masters come through an address", () => {
  const cluster = settled({ masters: 2 });
  const known = knownOf(cluster);
  const name = "a b/<ü>&#%";
  const masters = known.status?.masters.map((one, at) => (at === 1 ? { ...one, name } : one)) ?? [];
  const status = known.status && { ...known.status, masters };
  const links = drawPage({ ...known, status })
    .flatMap(partsOf)
    .flatMap(({ attributes: { href } }) => nameIn(String(href)) ?? []);
  assert.deepEqual(links.toSorted(), [name, "mymaster"]);
  assert.equal(nameIn("#master=%E0%A4%A"), null);
  assert.equal(nameIn("#other"), null);
});

test("nothing that others say becomes more than a text", () => {
  const cluster = settled({ masters: 2 });
  const known = knownOf(cluster);
  const evil = '"><img src=x onerror=alert(1)>';
  const text = JSON.stringify(known.status).replaceAll(
    /mymaster|10\.0\.0\.1/g,
    '\\"><img src=x onerror=alert(1)>',
  );
  const drawn = drawPage({ ...known, status: JSON.parse(text) }).flatMap(partsOf);
  assert.ok(drawn.some(({ children }) => children.includes(evil)));
  for (const { tag, attributes } of drawn) {
    assert.doesNotMatch(
      tag,
      /^(script|style|iframe|img|object|embed|foreignObject|use|animate|set)$/,
    );
    const wrong = Object.keys(attributes).filter((name) => /^(on|style|src)/i.test(name));
    assert.deepEqual(wrong, []);
    if (attributes.href !== undefined) assert.match(String(attributes.href), /^#[\w=%().!~*'-]*$/);
  }
});

test("events are told of this master and of the whole Sentinel, the newest first", () => {
  const cluster = settled({ masters: 2, seed: 5 });
  cluster.network.kill(cluster.server(0));
  cluster.awaitNewMaster(cluster.server(0), 20_000);
  const known = knownOf(cluster);
  const told = (name: string) => {
    const { status, events } = known;
    assert.ok(status);
    return storyOf(events, masterIn(known, name), status.sentinel, 50).map(({ text }) => text);
  };
  const own = told("mymaster");
  assert.ok(
    own.some((text) =>
      /^the master of mymaster is 10\.0\.0\.\d:6379, and no longer 10\.0\.0\.1:6379$/.test(text),
    ),
  );
  assert.ok(own.includes("epoch 1 begins"));
  assert.ok(told("mymaster-1").every((text) => !/of mymaster\b(?!-)/.test(text)));
});

test("what is old says so, and a lock asks for the token", () => {
  const known = knownOf(settled());
  const lost: Known = {
    ...known,
    link: { kind: "lost", since: 5_000, why: "The connection failed." },
    now: 13_000,
  };
  assert.match(
    texts(lost),
    /This Sentinel does not answer\. .*What you see is 12 s old: mymaster is well\. /,
  );
  assert.equal(titleOf(lost), "(no answer) Sentinel");
  const locked: Known = { ...known, link: { kind: "locked", wasRefused: true } };
  const text = texts(locked);
  assert.match(text, /Token.*Show.*That token was refused\./);
  assert.doesNotMatch(text, /mymaster/);
});
