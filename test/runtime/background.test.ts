import assert from "node:assert/strict";
import * as fs from "node:fs";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { configFile, launch } from "./launch.ts";
import { DEADLINE_MS } from "./support.ts";

/** Resolves when the file's text matches; watches its folder. */
async function fileSays(file: string, wanted: RegExp): Promise<string> {
  const folder = join(file, "..");
  return new Promise((resolve, reject) => {
    const watcher = fs.watch(folder, () => look());
    const timer = setTimeout(() => {
      watcher.close();
      reject(new Error(`no ${wanted} in ${file}: ${textOf(file)}`));
    }, DEADLINE_MS);
    const look = (): void => {
      const text = textOf(file);
      if (!wanted.test(text)) return;
      clearTimeout(timer);
      watcher.close();
      resolve(text);
    };
    look();
  });
}

function textOf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "";
}

function killAfter(t: TestContext, pid: number): void {
  t.after(() => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone, as it should be.
    }
  });
}

test("daemonize: the parent exits 0, the child has standard input's lines and ends cleanly", async (t) => {
  const { file, folder } = await configFile(t, "daemonize yes");
  const pidfile = join(folder, "d.pid");
  const logfile = join(folder, "d.log");
  const parent = launch(t, ["sentinel.conf", "--logfile", logfile, "-"], { cwd: folder });
  parent.child.stdin?.end(`pidfile ${pidfile}\n`);
  assert.equal(await parent.exited, 0);
  assert.equal(parent.text(), "");
  const pid = Number(await fileSays(pidfile, /^\d+\n$/));
  killAfter(t, pid);
  assert.notEqual(pid, parent.child.pid);
  await fileSays(logfile, /Sentinel ID is/);
  assert.match(textOf(file), /^daemonize yes$/m);
  const environment = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ");
  assert.equal(Number(environment?.[3]), pid, "it leads its own session");
  process.kill(pid, "SIGTERM");
  const log = await fileSays(logfile, /bye bye/);
  assert.match(log, /signal-handler .*Received SIGTERM/);
});

test("daemonize: a bad file is still an error of the parent", async (t) => {
  const { file } = await configFile(t, "daemonize yes", "no-such-directive 1");
  const parent = launch(t, [file]);
  assert.equal(await parent.exited, 1);
  assert.match(parent.stderr(), /Bad directive or wrong number of arguments/);
});

test("daemonize: a log that cannot be opened is still an error of the parent", async (t) => {
  const { file } = await configFile(t, "daemonize yes", "logfile /no/such/folder/s.log");
  const parent = launch(t, [file]);
  assert.equal(await parent.exited, 1);
  assert.match(parent.stderr(), /^Can't open the log file .*No such file or directory\n$/);
});

/** A `systemd-notify` that writes down what it is told. */
function fakeSystemd(folder: string): { env: NodeJS.ProcessEnv; said: string } {
  const bin = join(folder, "bin");
  const said = join(folder, "said");
  fs.mkdirSync(bin);
  fs.writeFileSync(said, "");
  const script = `#!/bin/sh\nshift; printf '%s\\n' "$*" >> '${said}'\n`;
  fs.writeFileSync(join(bin, "systemd-notify"), script, { mode: 0o755 });
  const PATH = `${bin}${delimiter}${process.env.PATH ?? ""}`;
  return { env: { ...process.env, PATH, NOTIFY_SOCKET: join(folder, "socket") }, said };
}

for (const supervised of ["systemd", "auto"]) {
  test(`supervised ${supervised}: systemd hears each stage, and it stays in the foreground`, async (t) => {
    const { file, folder } = await configFile(t, `supervised ${supervised}`, "daemonize yes");
    const { env, said } = fakeSystemd(folder);
    const run = launch(t, [file], { env });
    await fileSays(said, /READY=1/);
    // What it printed before may arrive a little later.
    await run.says(/Supervised by systemd\..*\n/);
    await run.says(/Sentinel ID is/);
    run.child.kill("SIGTERM");
    assert.equal(await run.exited, 0);
    // Nobody waits for the last words.
    await fileSays(said, /STOPPING=1/);
    assert.equal(
      textOf(said),
      "STATUS=Sentinel is loading...\nREADY=1 STATUS=Ready to accept connections\nSTOPPING=1\n",
    );
  });
}

test("supervised systemd without its socket is a warning", async (t) => {
  const { file } = await configFile(t, "supervised systemd");
  const { NOTIFY_SOCKET: _, ...env } = process.env;
  const run = launch(t, [file], { env });
  await run.says(/Sentinel ID is/);
  assert.match(run.text(), /# systemd supervision error: NOTIFY_SOCKET not found!\n/);
});
