import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DescriptorWriter, FileWriter } from "../../src/runtime/log/line-writer.ts";
import { createLog, isoTimestamp, lossLine, timestamp } from "../../src/runtime/log/log.ts";
import type { LogStyle } from "../../src/runtime/log/log-format.ts";
import { temporaryFolder } from "./support.ts";

function captured(
  format: LogStyle["format"],
  threshold: "debug" | "notice" | "nothing" = "debug",
  timestamp: LogStyle["timestamp"] = "legacy",
) {
  const lines: string[] = [];
  const log = createLog({ format, timestamp }, threshold, {
    write: (line) => lines.push(line.toString("latin1")),
  });
  return { log, lines };
}

test("text lines look as those of Redis", () => {
  const { log, lines } = captured("legacy");
  log.write("debug", "a");
  log.write("verbose", "b");
  log.write("notice", "c");
  log.write("warning", "d \xe9 %s");
  const stamp = "\\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3}";
  for (const [index, end] of [". a", "- b", "\\* c", "# d \xe9 %s"].entries()) {
    assert.match(lines[index] ?? "", new RegExp(`^${process.pid}:X ${stamp} ${end}\n$`));
  }
});

test("an event is one text line", () => {
  const { log, lines } = captured("legacy");
  log.event("warning", "+sdown", "master m 127.0.0.1 6379");
  assert.match(lines[0] ?? "", / # \+sdown master m 127\.0\.0\.1 6379\n$/);
});

test("JSON lines have level, time, pid, message and an event's parts", () => {
  const { log, lines } = captured("json");
  log.event("warning", "+sdown", "master caf\xc3\xa9 127.0.0.1 6379");
  const { time, ...rest } = JSON.parse(Buffer.from(lines[0] ?? "", "latin1").toString("utf8"));
  assert.ok(!Number.isNaN(Date.parse(time)));
  assert.deepEqual(rest, {
    level: "warning",
    pid: process.pid,
    event: "+sdown",
    payload: "master café 127.0.0.1 6379",
    msg: "+sdown master café 127.0.0.1 6379",
  });
});

test("the threshold holds and can be changed", () => {
  const { log, lines } = captured("legacy", "notice");
  log.write("verbose", "hidden");
  log.setThreshold("verbose");
  log.write("verbose", "shown");
  log.setThreshold("nothing");
  log.write("warning", "hidden");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /shown/);
});

test("the time is local, padded and English", () => {
  assert.equal(timestamp(new Date(2026, 1, 3, 4, 5, 6, 7)), "03 Feb 2026 04:05:06.007");
});

test("logfmt as Valkey writes it, and nothing ends its quotes early", () => {
  const { log, lines } = captured("logfmt", "debug", "milliseconds");
  log.write("verbose", 'a "b" \xe9\r\nlevel=x');
  log.event("warning", "+sdown", "master m 127.0.0.1 6379");
  log.signal("SIGTERM");
  const start = `^pid=${process.pid} role=sentinel timestamp="\\d{13}"`;
  assert.match(lines[0] ?? "", new RegExp(`${start} level=info message="a 'b' \xe9  level=x"\n$`));
  const event = `${start} level=warning message="\\+sdown master m 127\\.0\\.0\\.1 6379"\n$`;
  assert.match(lines[1] ?? "", new RegExp(event));
  assert.match(lines[2] ?? "", /^\d+:signal-handler \(\d+\) SIGTERM\n$/);
  const lost = lossLine({ format: "logfmt", timestamp: "milliseconds" }, 3).toString();
  assert.match(lost, new RegExp(`${start} level=warning message="3 lines of the log were lost`));
});

test("the time in ISO 8601 is local, with its distance from UTC", () => {
  const date = new Date(2026, 1, 3, 4, 5, 6, 7);
  assert.match(isoTimestamp(date), /^2026-02-03T04:05:06\.007[+-]\d\d:\d\d$/);
  assert.equal(Date.parse(isoTimestamp(date)), date.getTime());
  for (const [minutesBehindUtc, expected] of [
    [-330, "1970-01-01T05:30:00.000+05:30"],
    [210, "1969-12-31T20:30:00.000-03:30"],
    [0, "1970-01-01T00:00:00.000+00:00"],
  ] as const) {
    const elsewhere = Object.assign(new Date(0), { getTimezoneOffset: () => minutesBehindUtc });
    assert.equal(isoTimestamp(elsewhere), expected);
  }
});

test("a log moved away is opened anew within a second", (t) => {
  const path = join(temporaryFolder(t), "sentinel.log");
  let now = 0;
  const writer = new FileWriter(path, () => now);
  writer.write(Buffer.from("one\n"));
  renameSync(path, `${path}.1`);
  writer.write(Buffer.from("two\n"));
  now = 1_000;
  writer.write(Buffer.from("three\n"));
  assert.equal(readFileSync(`${path}.1`, "utf8"), "one\ntwo\n");
  assert.equal(readFileSync(path, "utf8"), "three\n");
  rmSync(path);
  now = 2_000;
  writer.write(Buffer.from("four\n"));
  assert.equal(readFileSync(path, "utf8"), "four\n");
  writer.close();
});

test("a log whose path is out of reach goes on where it is", (t) => {
  const folder = temporaryFolder(t);
  const inner = join(folder, "logs");
  mkdirSync(inner);
  const path = join(inner, "sentinel.log");
  let now = 0;
  const writer = new FileWriter(path, () => now);
  renameSync(inner, `${inner}.1`);
  now = 1_000;
  writer.write(Buffer.from("one\n"));
  symlinkSync("logs", inner);
  now = 2_000;
  writer.write(Buffer.from("two\n"));
  assert.equal(readFileSync(join(`${inner}.1`, "sentinel.log"), "utf8"), "one\ntwo\n");
  writer.close();
});

test("a log is appended to, also by others", (t) => {
  const path = join(temporaryFolder(t), "sentinel.log");
  appendFileSync(path, "old\n");
  const writer = new FileWriter(path, () => 0);
  writer.write(Buffer.from("a\n"));
  appendFileSync(path, "logrotate\n");
  writer.write(Buffer.from("b\n"));
  writer.close();
  assert.equal(readFileSync(path, "utf8"), "old\na\nlogrotate\nb\n");
});

test("a log that cannot be opened is an error at once", (t) => {
  const path = join(temporaryFolder(t), "missing", "sentinel.log");
  assert.throws(() => new FileWriter(path, () => 0), { code: "ENOENT" });
});

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("a full pipe is waited for, a partial write continued", () => {
  let text = "";
  let calls = 0;
  const writer = new DescriptorWriter(1, {
    write: (_fd, buffer, offset) => {
      if (calls++ % 2 === 0) throw failure("EAGAIN");
      const part = buffer.subarray(offset, offset + 3);
      text += part.toString();
      return part.length;
    },
  });
  writer.write(Buffer.from("a whole line\n"));
  assert.equal(text, "a whole line\n");
});

test("a reader that stopped costs lines, not the Sentinel, and a cut line is ended later", () => {
  let text = "";
  let room = 5;
  const writer = new DescriptorWriter(1, {
    write: (_fd, buffer, offset) => {
      if (room === 0) throw failure("EAGAIN");
      const part = buffer.subarray(offset, offset + room);
      room -= part.length;
      text += part.toString();
      return part.length;
    },
    lossLine: (lost) => Buffer.from(`${lost} lost\n`),
  });
  writer.write(Buffer.from("first line\n"));
  writer.write(Buffer.from("second line\n"));
  room = 100;
  writer.write(Buffer.from("third line\n"));
  assert.equal(text, "first\n2 lost\nthird line\n");
  writer.write(Buffer.from("fourth line\n"));
  assert.equal(text, "first\n2 lost\nthird line\nfourth line\n");
});

test("a reader that left or a full disk is no exception", () => {
  for (const code of ["EPIPE", "ENOSPC", "EIO"]) {
    const write = () => {
      throw failure(code);
    };
    const writer = new DescriptorWriter(1, { write });
    assert.doesNotThrow(() => writer.write(Buffer.from("x\n")));
  }
});
