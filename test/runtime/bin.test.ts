import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BIN, configFile, launch, launchUnprivileged, watch } from "./launch.ts";
import { temporaryFolder } from "./support.ts";

const READY = /Sentinel ID is [0-9a-f]{40}\n/;

for (const flag of ["-v", "--version"]) {
  test(`${flag} prints a line that scripts for Redis can read`, async (t) => {
    const run = launch(t, [flag]);
    assert.equal(await run.exited, 0);
    assert.match(
      run.stdout(),
      /^Redis server v=7\.4\.11 sha=00000000:0 malloc=\S+ bits=64 build=\S+ redis-sentinel-ts=\d+\.\d+\.\d+\n$/,
    );
  });
}

for (const flag of ["-h", "--help"]) {
  test(`${flag} prints the usage on standard error and exits 1`, async (t) => {
    const run = launch(t, [flag]);
    assert.equal(await run.exited, 1);
    assert.equal(run.stdout(), "");
    assert.match(run.stderr(), /Usage: redis-sentinel-ts FILE .*--log-format/s);
    assert.doesNotMatch(run.stderr(), /reserved word|Trace/);
  });
}

test("without a build the launcher says what to do", async (t) => {
  const folder = temporaryFolder(t);
  fs.mkdirSync(join(folder, "bin"));
  const copy = join(folder, "bin", "launcher.mjs");
  fs.copyFileSync(BIN, copy);
  const run = watch(spawn(process.execPath, [copy], { stdio: ["ignore", "pipe", "pipe"] }));
  assert.equal(await run.exited, 1);
  assert.match(run.stderr(), /npm run build/);
});

test("without a file it does not start", async (t) => {
  for (const args of [[], ["--port", "7777"], ["-"]]) {
    const run = launch(t, args, { stdio: ["ignore", "pipe", "pipe"] });
    assert.equal(await run.exited, 1);
    assert.match(
      run.text(),
      /^Sentinel needs config file on disk to save state\. Exiting\.\.\.\n$/,
    );
  }
});

test("a missing file is named with its reason", async (t) => {
  const path = join(temporaryFolder(t), "missing.conf");
  const run = launch(t, [path]);
  assert.equal(await run.exited, 1);
  const sentence = `Fatal error, can't open config file '${path}': No such file or directory`;
  assert.equal(run.text(), `${sentence}\n`);
});

test("a word that is neither a file nor a command is told to be neither", async (t) => {
  const run = launch(t, ["staus"]);
  assert.equal(await run.exited, 1);
  assert.match(
    run.text(),
    /'staus': No such file or directory\nNo command has that name either: see --help\n$/,
  );
});

test("an unreadable file is named with its reason", async (t) => {
  const { file, folder } = await configFile(t);
  fs.chmodSync(folder, 0o755);
  fs.chmodSync(file, 0o200);
  const run = launchUnprivileged(t, [file]);
  assert.equal(await run.exited, 1);
  assert.match(run.text(), /can't open config file '.*': Permission denied\n$/);
});

test("a file that cannot be written is refused", async (t) => {
  const { file, folder } = await configFile(t);
  fs.chmodSync(folder, 0o755);
  fs.chmodSync(file, 0o444);
  const run = launchUnprivileged(t, [file]);
  assert.equal(await run.exited, 1);
  const advice = `Make ${file} or its folder ${folder} writable for user id ${process.geteuid?.()}`;
  const sentence = `Sentinel config file ${file} is not writable: Permission denied. ${advice}`;
  assert.equal(run.text(), `${sentence}. Exiting...\n`);
});

test("a folder that cannot be written: the file is written in place, with a warning", async (t) => {
  const { file, folder } = await configFile(t);
  fs.chmodSync(folder, 0o555);
  fs.chmodSync(file, 0o666);
  const run = launchUnprivileged(t, [file]);
  await run.says(READY);
  assert.match(run.text(), /# WARNING: .* cannot be replaced: .*\(Permission denied\)/);
  assert.match(fs.readFileSync(file, "latin1"), /^sentinel myid [0-9a-f]{40}$/m);
});

test("a folder as config file is refused, for nothing can be saved", async (t) => {
  const { folder, port } = await configFile(t);
  const run = launch(t, [folder, "--port", String(port), "--bind", "127.0.0.1"]);
  assert.equal(await run.exited, 1);
  assert.match(run.text(), /cannot save its configuration in .*Name a file, not a folder, then/);
});

test("an empty file is enough", async (t) => {
  const { folder, port } = await configFile(t);
  const file = join(folder, "empty.conf");
  fs.writeFileSync(file, "");
  const run = launch(t, [file, "--port", String(port)]);
  await run.says(READY);
  const text = fs.readFileSync(file, "latin1");
  assert.match(text, new RegExp(`^port ${port}$`, "m"));
  assert.match(text, /^sentinel myid [0-9a-f]{40}$/m);
});

test("it starts with the lines that log readers look for, saved before its id is said", async (t) => {
  const { file, port } = await configFile(t, "sentinel monitor m 127.0.0.1 1 2");
  const run = launch(t, [file]);
  await run.says(/\+monitor/);
  const lines = run.stdout().split("\n");
  const after = lines.map((line) => line.slice(line.search(/[.\-*#] /)));
  const wanted = [
    /^\* .* is starting$/,
    /^\* Redis version=7\.4\.11, bits=64, .*just started$/,
    /^\* Configuration loaded$/,
    new RegExp(`^\\* Running mode=sentinel, port=${port}\\.$`),
    /^\* Sentinel new configuration saved on disk$/,
    /^\* Sentinel ID is [0-9a-f]{40}$/,
    /^# \+monitor master m 127\.0\.0\.1 1 quorum 2$/,
  ];
  let at = -1;
  for (const line of wanted) {
    const found = after.findIndex((candidate, index) => index > at && line.test(candidate));
    assert.ok(found > at, `no ${line} behind line ${at} of\n${run.text()}`);
    at = found;
  }
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends it in order`, async (t) => {
    const { file, folder } = await configFile(t);
    const pidfile = join(folder, "s.pid");
    const socket = join(folder, "s.sock");
    const run = launch(t, [file, "--pidfile", pidfile, "--unixsocket", socket]);
    await run.says(READY);
    assert.equal(fs.readFileSync(pidfile, "latin1"), `${run.child.pid}\n`);
    run.child.kill(signal);
    assert.equal(await run.exited, 0);
    const end = new RegExp(
      [
        `\\n${run.child.pid}:signal-handler \\(\\d+\\) Received ${signal} scheduling shutdown\\.\\.\\.`,
        "[^\\n]* \\* User requested shutdown\\.\\.\\.",
        "[^\\n]* \\* Removing the pid file\\.",
        "[^\\n]* \\* Removing the unix socket file\\.",
        "[^\\n]* # Sentinel is now ready to exit, bye bye\\.\\.\\.\\n$",
      ].join("\\n"),
    );
    assert.match(run.stdout(), end);
    assert.ok(!fs.existsSync(pidfile) && !fs.existsSync(socket));
  });
}

test("SIGHUP ends nothing, SIGUSR1 ends it as any Redis", async (t) => {
  const { file } = await configFile(t);
  const run = launch(t, [file]);
  await run.says(READY);
  run.child.kill("SIGHUP");
  run.child.kill("SIGUSR1");
  assert.equal(await run.exited, "SIGUSR1");
  assert.doesNotMatch(run.text(), /Debugger/);
});

test("a pid file that cannot be written is a warning", async (t) => {
  const { file } = await configFile(t, "pidfile /no/such/folder/s.pid");
  const run = launch(t, [file]);
  await run.says(READY);
  assert.match(run.text(), /# Failed to write PID file: No such file or directory\n/);
});

test("a taken port is one sentence, exit 1, and the pid file is that of who runs [D-PID-LATE]", async (t) => {
  const { file, folder } = await configFile(t);
  await launch(t, [file]).says(READY);
  const pidfile = join(folder, "first.pid");
  fs.writeFileSync(pidfile, "12345\n");
  const copy = join(folder, "second.conf");
  fs.copyFileSync(file, copy);
  const second = launch(t, [copy, "--pidfile", pidfile, "--logfile", join(folder, "second.log")]);
  assert.equal(await second.exited, 1);
  assert.equal(second.stderr(), "", "it is in the log, and standard error is no terminal");
  const log = fs.readFileSync(join(folder, "second.log"), "latin1");
  assert.match(log, /bind: Address already in use\n.*# Failed listening on port/);
  assert.equal(fs.readFileSync(pidfile, "latin1"), "12345\n");
});

test("a bad user line is one sentence and exit 1", async (t) => {
  const { file } = await configFile(t, "user someone on +no-such-command");
  const run = launch(t, [file]);
  assert.equal(await run.exited, 1);
  assert.match(run.text(), /no-such-command/);
  assert.doesNotMatch(run.text(), /\n {4}at /);
});

const WITHOUT_FILES: readonly (readonly [lines: readonly string[], sentence: RegExp])[] = [
  [["tls-ca-cert-file /ca"], /No tls-cert-file configured!/],
  [["tls-ca-cert-file /ca", "tls-cert-file /c"], /No tls-key-file configured!/],
  [["tls-cert-file /c", "tls-key-file /k"], /Either tls-ca-cert-file or tls-ca-cert-dir must/],
];

for (const [lines, sentence] of WITHOUT_FILES) {
  test(`links with TLS and only ${lines.join(", ")}: the start is refused, as by C`, async (t) => {
    const { file } = await configFile(t, "tls-replication yes", ...lines);
    const run = launch(t, [file]);
    assert.equal(await run.exited, 1);
    assert.match(run.text(), sentence);
  });
}

test("a log file that cannot be opened is one sentence", async (t) => {
  const { file } = await configFile(t, "logfile /no/such/folder/s.log");
  const run = launch(t, [file]);
  assert.equal(await run.exited, 1);
  assert.match(run.stderr(), /^Can't open the log file '.*': No such file or directory\n$/);
});

test("options win over standard input, which wins over the file, and all are kept", async (t) => {
  const { file, port } = await configFile(t, "maxclients 11", "timeout 1");
  const run = launch(t, [file, "--timeout", "3", "-"]);
  run.child.stdin?.end("maxclients 22\ntimeout 2\n");
  await run.says(READY);
  const text = fs.readFileSync(file, "latin1");
  assert.match(text, /^maxclients 22$/m);
  assert.match(text, /^timeout 3$/m);
  assert.match(text, new RegExp(`^port ${port}$`, "m"));
});

test("a relative file stays the same after `dir`", async (t) => {
  const { folder } = await configFile(t, "dir /tmp");
  const run = launch(t, ["sentinel.conf"], { cwd: folder });
  await run.says(READY);
  assert.match(fs.readFileSync(join(folder, "sentinel.conf"), "latin1"), /^dir "\/tmp"$/m);
});

test("the log format is a flag anywhere, or an environment variable", async (t) => {
  const { file } = await configFile(t);
  const env = { ...process.env, REDIS_SENTINEL_TS_LOG_FORMAT: "json" };
  const byEnv = launch(t, [file], { env });
  await byEnv.says(/"msg":"Sentinel ID is/);
  byEnv.child.kill("SIGTERM");
  assert.equal(await byEnv.exited, 0);
  for (const line of byEnv.stdout().trim().split("\n")) assert.ok(JSON.parse(line).level);

  const byFlag = launch(t, [file, "--log-format", "text", "--timeout", "5"], { env });
  await byFlag.says(READY);
  assert.doesNotMatch(byFlag.text(), /"msg"/);
  const text = fs.readFileSync(file, "latin1");
  assert.match(text, /^port \d+$/m);
  assert.doesNotMatch(text, /log-format/);
});

test("Valkey's log-format and log-timestamp-format, in the file and on the command line", async (t) => {
  const { file } = await configFile(t);
  fs.appendFileSync(file, "log-format logfmt\nlog-timestamp-format iso8601\n");
  const byFile = launch(t, [file]);
  await byFile.says(/Sentinel ID is .*\n/);
  byFile.child.kill("SIGTERM");
  assert.equal(await byFile.exited, 0);
  const lines = byFile.stdout().trim().split("\n");
  const handler = lines.findIndex((line) => /^\d+:signal-handler /.test(line));
  assert.ok(handler >= 0, "what a signal did has a form of its own, in Valkey too");
  for (const line of lines.toSpliced(handler, 1)) assert.match(line, LOGFMT_LINE);
  assert.match(fs.readFileSync(file, "latin1"), /^log-format logfmt$/m);

  const words = ["--log-format", "legacy", "--log-timestamp-format", "milliseconds"];
  const byWords = launch(t, [file, ...words]);
  await byWords.says(/Sentinel ID is/);
  assert.match(byWords.stdout(), /^\d+:X \d{13} \* Sentinel ID is/m);

  const asJson = launch(t, [file, "--port", "0", "--unixsocket", `${file}.s`, "--log-format=json"]);
  await asJson.says(/"msg":"Sentinel ID is/);
});

const LOGFMT_LINE =
  /^pid=\d+ role=sentinel timestamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d" level=(debug|info|notice|warning) message="[^"]*"$/;

test("an unknown log format is one sentence", async (t) => {
  const run = launch(t, ["x.conf", "--log-format=xml"]);
  assert.equal(await run.exited, 1);
  assert.equal(
    run.stderr(),
    "The log format 'xml' is not known: use one of text, json, legacy, logfmt\n",
  );
});

test("the process is named as a Redis process", async (t) => {
  const { file, port } = await configFile(t);
  const run = launch(t, [file]);
  await run.says(READY);
  const title = fs.readFileSync(`/proc/${run.child.pid}/cmdline`, "latin1").replace(/\0.*$/s, "");
  assert.equal(title, `redis-sentinel-ts 127.0.0.1:${port} [sentinel]`);
});
