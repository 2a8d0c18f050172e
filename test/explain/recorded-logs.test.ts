import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LogEntry, LogFailover } from "../../src/explain/log/entry.ts";
import { LogHistory } from "../../src/explain/log/log-history.ts";
import { schemaMistakes } from "../support/json-schema.ts";
import { root } from "../support/repository.ts";
import type { Truth } from "./incident-kit.ts";
import { INCIDENTS } from "./incidents.ts";

// Logs of real Sentinels, of Redis and of ours, as record-logs.ts keeps them, and the history that is read out of
// them: history.ndjson, which UPDATE=1 writes anew. truth.json is what was done, and no log was asked for it.

// They were recorded in this zone.
process.env.TZ = "UTC";

const SCHEMA = JSON.parse(readFileSync(join(root, "docs", "history.schema.json"), "utf8"));
const FOLDER = join(root, "test", "explain", "logs");
const NEWEST = Date.UTC(2026, 11, 1);
const titles = readdirSync(FOLDER);

interface OneLog {
  readonly name: string;
  readonly lines: readonly string[];
}

function logsOf(title: string): readonly OneLog[] {
  const names = readdirSync(join(FOLDER, title)).filter((name) => name.endsWith(".log"));
  return names.map((name) => {
    const lines = readFileSync(join(FOLDER, title, name), "latin1")
      .split("\n")
      .slice(0, -1);
    return { name, lines };
  });
}

function truthOf(title: string): readonly Truth[] {
  return JSON.parse(readFileSync(join(FOLDER, title, "truth.json"), "utf8"));
}

function historyOf(logs: readonly OneLog[]): readonly LogEntry[] {
  const history = new LogHistory();
  for (const { name, lines } of logs) {
    const log = history.log(name);
    const take = log.file(NEWEST);
    for (const line of lines) take(line);
    log.end();
  }
  return history.entries();
}

/** As truth has it. */
function toldOf(entry: LogEntry): Truth {
  if (entry.type === "note") return { kind: entry.kind, result: entry.result };
  const { name, kind, result, from, to, epoch } = entry;
  const told = { master: name, kind, result, from: placed(from) ?? "", epoch: epoch ?? "" };
  return to === null ? told : { ...told, to: placed(to) ?? "" };
}

function placed(place: LogFailover["to"]): string | null {
  return place && `${place.host}:${place.port}`;
}

function agrees(entry: LogEntry, truth: Truth): boolean {
  const told = toldOf(entry);
  const fields = Object.entries(truth) as [keyof Truth, string][];
  // A note has its places in its text.
  return fields.every(([field, value]) =>
    entry.type === "note" && field === "from" ? entry.text.includes(value) : told[field] === value,
  );
}

test("each incident was recorded", () => {
  const wanted = Object.entries(INCIDENTS).flatMap(([name, { kinds }]) =>
    kinds.map((kind) => `${name}-${kind}`),
  );
  assert.deepEqual([...titles].sort(), wanted.sort());
  assert.ok(titles.length >= 20);
});

for (const title of titles) {
  test(`the history of ${title}`, () => {
    const entries = historyOf(logsOf(title));
    const file = join(FOLDER, title, "history.ndjson");
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    if (process.env.UPDATE) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"));
    const told = { schema: 1, entries: JSON.parse(JSON.stringify(entries)) };
    assert.deepEqual(schemaMistakes(told, SCHEMA), []);
  });

  test(`${title}: what was done is in it, once and in order, and no other failover`, () => {
    const entries = historyOf(logsOf(title));
    const truths = truthOf(title);
    const expected = truths.filter(({ from, kind }) => from !== undefined && kind !== "outage");
    for (const name of ["mymaster", "other"]) {
      const failovers = entries.filter((entry) => isFailover(entry, name));
      const done = expected.filter(({ master = "mymaster" }) => master === name);
      assert.deepEqual(
        failovers.map((entry, at) => agrees(entry, done[at] ?? { kind: "none", result: "" })),
        done.map(() => true),
        JSON.stringify(failovers.map(toldOf)),
      );
    }
    for (const truth of truths) {
      assert.ok(
        entries.some((entry) => agrees(entry, truth)),
        JSON.stringify(truth),
      );
    }
  });
}

/** One that came to something, or did not for a reason of its own: another one may stand beside it. */
function isFailover(entry: LogEntry, name: string): boolean {
  const isInVain = ["overtaken", "master-back"].includes(entry.result);
  return entry.type === "failover" && entry.name === name && !isInVain;
}

test("the order of the logs does not matter", () => {
  for (const title of titles) {
    const logs = logsOf(title);
    assert.deepEqual(sorted(historyOf([...logs].reverse())), sorted(historyOf(logs)), title);
  }
});

function sorted(entries: readonly LogEntry[]): readonly string[] {
  return entries.map((entry) => JSON.stringify(entry)).sort();
}

/** What collectors put in front, with a time of their own. */
const WRAPPERS: Readonly<Record<string, (name: string, line: string) => string>> = {
  "kubectl logs --prefix": (name, line) => `[pod/${name}/sentinel] ${line}`,
  "docker compose logs": (name, line) => `${name}  | ${line}`,
  journalctl: (name, line) => `Nov 29 13:59:59 ${name} redis-sentinel[1]: ${line}`,
  "docker's file": (_name, line) => JSON.stringify({ log: `${line}\n`, stream: "stdout" }),
};

for (const [what, wrap] of Object.entries(WRAPPERS)) {
  test(`one stream of all Sentinels, of ${what}, tells the same`, () => {
    for (const title of titles) {
      const logs = logsOf(title).map(({ name, lines }) => {
        return { name, lines: lines.map((line) => wrap(name, line)) };
      });
      // Of docker's file nothing says which container it is, but the processes differ.
      const lines = interleaved(logs);
      assert.deepEqual(
        sorted(historyOf([{ name: "all", lines }])),
        sorted(historyOf(logsOf(title))),
        title,
      );
    }
  });
}

/** A line of each in turn. */
function interleaved(logs: readonly OneLog[]): readonly string[] {
  const longest = Math.max(...logs.map(({ lines }) => lines.length));
  return Array.from({ length: longest }, (_, at) =>
    logs.flatMap(({ lines }) => lines[at] ?? []),
  ).flat();
}

test("a log that begins or ends anywhere tells no failover that was none", () => {
  for (const title of titles) {
    const logs = logsOf(title);
    const whole = new Set(historyOf(logs).flatMap(switchOf));
    for (const { name, lines } of logs) {
      for (let at = 1; at < lines.length; at += 5) {
        const entries = [lines.slice(0, at), lines.slice(at)].flatMap((part) =>
          historyOf([{ name, lines: part }]),
        );
        const strange = entries.flatMap(switchOf).filter((one) => !whole.has(one));
        assert.deepEqual(strange, [], `${title}, ${name}, line ${at}`);
      }
    }
  }
});

function switchOf(entry: LogEntry): string[] {
  if (entry.type === "note" || entry.result !== "done") return [];
  return [`${entry.name} ${placed(entry.from)} ${placed(entry.to)}`];
}
