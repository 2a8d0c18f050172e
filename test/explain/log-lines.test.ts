import assert from "node:assert/strict";
import { test } from "node:test";
import { LineReader } from "../../src/explain/log/line.ts";
import { LineSplitter } from "../../src/explain/log/line-splitter.ts";

/** When the file was last written. */
const NEWEST = Date.UTC(2026, 10, 30);
const EVENT = "+sdown master m 10.0.0.1 6379";
const AT = Date.UTC(2026, 10, 29, 13, 0, 0, 123);
/** To the second. */
const COARSE = AT - 123;
const LOCAL = new Date(2026, 10, 29, 13, 0, 0, 123).getTime();
const LEGACY = `42:X 29 Nov 2026 13:00:00.123 # ${EVENT}`;

interface Expected {
  readonly atMs: number;
  readonly pid?: number;
  readonly from?: string;
  readonly message?: string;
}

/** One line of each form, and what it says. */
const FORMS: Readonly<Record<string, readonly [string, Expected]>> = {
  "Redis and Valkey": [LEGACY, { atMs: LOCAL }],
  "before Redis 5": [`42:X 29 Nov 13:00:00.123 # ${EVENT}`, { atMs: LOCAL }],
  "of a day with one digit": [
    `42:X 09 Nov 2026 13:00:00.123 # ${EVENT}`,
    { atMs: new Date(2026, 10, 9, 13, 0, 0, 123).getTime() },
  ],
  "log-timestamp-format iso8601": [`42:X 2026-11-29T14:00:00.123+01:00 # ${EVENT}`, { atMs: AT }],
  "west of UTC": [`42:X 2026-11-29T08:30:00.123-04:30 # ${EVENT}`, { atMs: AT }],
  "log-timestamp-format milliseconds": [`42:X ${AT} # ${EVENT}`, { atMs: AT }],
  "log-format logfmt": [
    `pid=42 role=sentinel timestamp="29 Nov 2026 13:00:00.123" level=warning message="${EVENT}"`,
    { atMs: LOCAL },
  ],
  "logfmt with iso8601": [
    `pid=42 role=sentinel timestamp="2026-11-29T13:00:00.123+00:00" level=warning message="${EVENT}"`,
    { atMs: AT },
  ],
  "logfmt with milliseconds": [
    `pid=42 role=sentinel timestamp="${AT}" level=warning message="${EVENT}"`,
    { atMs: AT },
  ],
  "our JSON": [
    `{"level":"warning","time":"2026-11-29T13:00:00.123Z","pid":42,"event":"+sdown","payload":"master m 10.0.0.1 6379","msg":"${EVENT}"}`,
    { atMs: AT },
  ],
  "a signal": [
    `42:signal-handler (${COARSE / 1_000}) Received SIGTERM scheduling shutdown...`,
    { atMs: COARSE, message: "Received SIGTERM scheduling shutdown..." },
  ],
  "with CRLF": [`${LEGACY}\r`, { atMs: LOCAL }],
  "docker logs -t": [`2026-11-29T13:00:00.456789012Z ${LEGACY}`, { atMs: AT }],
  "docker logs -t of a container elsewhere": [
    `2026-11-29T04:30:00.456789012Z ${LEGACY}`,
    { atMs: AT - 8.5 * 3_600_000 },
  ],
  "docker logs -t of our JSON": [
    `2026-11-29T13:00:00.456789012Z {"level":"warning","time":"2026-11-29T13:00:00.123Z","pid":42,"msg":"${EVENT}"}`,
    { atMs: AT },
  ],
  "a file of docker": [
    `{"log":"${LEGACY}\\n","stream":"stdout","time":"2026-11-29T13:00:00.456789012Z"}`,
    { atMs: AT },
  ],
  "docker compose logs": [`sentinel-1  | ${LEGACY}`, { atMs: LOCAL, from: "sentinel-1" }],
  "docker compose logs in colours": [
    `\x1b[36msentinel-1  | \x1b[0m${LEGACY}`,
    { atMs: LOCAL, from: "sentinel-1" },
  ],
  "docker compose logs -t": [
    `sentinel-1  | 2026-11-29T13:00:00.456789012Z ${LEGACY}`,
    { atMs: AT, from: "sentinel-1" },
  ],
  "kubectl logs --prefix": [
    `[pod/sentinel-0/sentinel] ${LEGACY}`,
    { atMs: LOCAL, from: "pod/sentinel-0/sentinel" },
  ],
  "kubectl logs --timestamps --prefix": [
    `[pod/sentinel-0/sentinel] 2026-11-29T13:00:00.456789012Z ${LEGACY}`,
    { atMs: AT, from: "pod/sentinel-0/sentinel" },
  ],
  "a container's own file": [`2026-11-29T13:00:00.456789012Z stdout F ${LEGACY}`, { atMs: AT }],
  journalctl: [`Nov 29 13:00:00 db1 redis-sentinel[42]: ${LEGACY}`, { atMs: LOCAL, from: "db1" }],
  "journalctl -o short-precise": [
    `Nov 29 13:00:00.456789 db1 redis-sentinel[42]: ${LEGACY}`,
    { atMs: LOCAL, from: "db1" },
  ],
  "journalctl -o short-iso": [
    `2026-11-29T13:00:00+0000 db1 redis-sentinel[42]: ${LEGACY}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o short-iso-precise": [
    `2026-11-29T13:00:00.456789+00:00 db1 redis-sentinel[42]: ${LEGACY}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o short-full": [
    `Sun 2026-11-29 13:00:00 UTC db1 redis-sentinel[42]: ${LEGACY}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o short-unix": [
    `${COARSE / 1_000}.456789 db1 redis-sentinel[42]: ${LEGACY}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o json": [
    `{"__REALTIME_TIMESTAMP":"${AT}456","_HOSTNAME":"db1","_PID":"42","MESSAGE":"${LEGACY}"}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o json of syslog-enabled": [
    `{"__REALTIME_TIMESTAMP":"${AT}456","_HOSTNAME":"db1","_PID":"42","MESSAGE":"${EVENT}"}`,
    { atMs: AT, from: "db1" },
  ],
  "journalctl -o json of bytes": [
    `{"__REALTIME_TIMESTAMP":"${AT}456","_PID":"42","MESSAGE":[${[..."+sdown m\xff"].map((one) => one.charCodeAt(0))}]}`,
    { atMs: AT, message: "+sdown m\xff" },
  ],
  "syslog-enabled": [`Nov 29 13:00:00 db1 redis[42]: ${EVENT}`, { atMs: LOCAL - 123, from: "db1" }],
  "rsyslog's own form": [
    `2026-11-29T13:00:00.123456+00:00 db1 redis[42]: ${EVENT}`,
    { atMs: AT, from: "db1" },
  ],
  "RFC 3164": [`<12>Nov 29 13:00:00 db1 redis[42]: ${EVENT}`, { atMs: LOCAL - 123, from: "db1" }],
  "RFC 5424": [
    `<12>1 2026-11-29T13:00:00.123Z db1 redis 42 - - ${EVENT}`,
    { atMs: AT, from: "db1" },
  ],
};

for (const [form, [line, expected]] of Object.entries(FORMS)) {
  test(`a line is read: ${form}`, () => {
    const told = { pid: 42, from: "", message: EVENT, ...expected };
    assert.deepEqual(new LineReader(NEWEST).read(line), told);
  });
}

const STRANGE: readonly string[] = [
  "",
  "   ",
  "hello",
  EVENT,
  `42:M 29 Nov 2026 13:00:00.123 # ${EVENT}`,
  `42:S 29 Nov 2026 13:00:00.123 # ${EVENT}`,
  `42:X 29 Nix 2026 13:00:00.123 # ${EVENT}`,
  `42:X 29 Nov 2026 13:00 # ${EVENT}`,
  `42:X 29 Nov 2026 13:00:00.123 ${EVENT}`,
  `pid=42 role=primary timestamp="${AT}" level=warning message="${EVENT}"`,
  '{"log":17}',
  '{"time":',
  "{}",
  "null",
  `2026-11-29T13:00:00.123Z ${EVENT}`,
  "                _.-``__ ''-._",
];

test("what no Sentinel writes is left alone", () => {
  const reader = new LineReader(NEWEST);
  assert.deepEqual(
    STRANGE.filter((line) => reader.read(line) !== null),
    [],
  );
});

test("a time without a year is of the last one that fits", () => {
  const january = new LineReader(Date.UTC(2027, 0, 2));
  const years = ["31 Dec", "01 Jan", "29 Nov"].map((day) => {
    const line = january.read(`1:X ${day} 12:00:00.000 # ${EVENT}`);
    return new Date(line?.atMs ?? 0).getFullYear();
  });
  assert.deepEqual(years, [2026, 2027, 2026]);
});

test("a line that a crash cut is left out, and the start behind it is read", () => {
  const start = "43:X 29 Nov 2026 13:00:01.000 * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo";
  const cut = "42:X 29 Nov 2026 13:00:00.123 # +switch-master m 10.0.0.1 6379 10.0.0.";
  const line = new LineReader(NEWEST).read(`${cut}${start}`);
  assert.match(line?.message ?? "", /^oO0OoO0OoO0Oo Redis is starting/);
});

test("bytes of names stay what they are", () => {
  const line = new LineReader(NEWEST).read(
    `42:X ${AT} # +sdown master \xff\xfe \xe4 10.0.0.1 6379`,
  );
  assert.equal(line?.message, "+sdown master \xff\xfe \xe4 10.0.0.1 6379");
});

/** Lines as they come out of pieces of so many bytes. */
function split(text: string, size: number): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
  splitter.end();
  return lines;
}

test("lines are the same wherever the stream is cut", () => {
  const text = "one\ntwo\n\nthree\r\nfour";
  for (let size = 1; size <= text.length; size++) {
    assert.deepEqual(split(text, size), ["one", "two", "", "three\r", "four"]);
  }
  assert.deepEqual(split("one\n", 2), ["one"]);
});

test("of a line without end nothing is kept, and the next one is read", () => {
  const long = "x".repeat(200_000);
  for (const size of [1_000, 300_000]) {
    assert.deepEqual(split(`a\n${long}\nb\n`, size), ["a", "", "b"]);
    assert.deepEqual(split(`a\n${long}`, size), ["a"]);
  }
});
