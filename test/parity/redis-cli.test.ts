import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What a person sees who types into redis-cli, in front of either program.

const run = promisify(execFile);

/** Options and words; the replies hold nothing that belongs to one process alone. */
const LINES: readonly string[] = [
  "--json SENTINEL GET-MASTER-ADDR-BY-NAME mymaster",
  "--json SENTINEL GET-MASTER-ADDR-BY-NAME nope",
  "--json CLIENT TRACKINGINFO",
  "--json SENTINEL MYID x",
  "--json ROLE",
  "--no-raw SENTINEL GET-MASTER-ADDR-BY-NAME mymaster",
  "--no-raw SENTINEL CONFIG GET announce-*",
  "--no-raw SENTINEL PENDING-SCRIPTS",
  "-3 --no-raw SENTINEL CONFIG GET announce-*",
  "-3 --no-raw SENTINEL GET-MASTER-ADDR-BY-NAME nope",
  "-3 --no-raw CLIENT TRACKINGINFO",
  "-3 SENTINEL CKQUORUM mymaster",
  "-3 PING hello",
  "-2 --csv ROLE",
  "-a secret --no-auth-warning PING",
  "-n 3 PING",
  "-x PING",
  "INFO sentinel",
  "SENTINEL REPLICAS nope",
];

sceneTest("redis-cli prints the same in front of both programs", async (scene) => {
  const { c, ours } = await start(scene);
  for (const line of LINES) {
    const words = line.split(" ");
    const said = (await print(ours, words)).replace(
      /^sentinel_(total_tilt:0|save_status:ok)\r?\n/gm,
      "",
    );
    assert.equal(said, await print(c, words), line);
  }
});

sceneTest("redis-cli gives hints and help in a terminal", async (scene) => {
  const { ours } = await start(scene);
  const terminal = new Terminal(ours.port);
  try {
    await terminal.shows(scene, `127.0.0.1:${ours.port}> `);
    await terminal.type(scene, "sentinel is-master-down-by-addr ", "ip port current-epoch runid");
    await terminal.type(scene, "\x15sentinel master ", "master-name");
    await terminal.type(scene, "mymaster\r", '"failover-timeout"');
    await terminal.type(scene, "client kill ", "[SKIPME YES|NO]");
    await terminal.type(scene, "\x15help sentinel reset\r", "group: sentinel");
    await terminal.type(scene, "hello 3\r", '=> "sentinel"');
    await terminal.type(scene, "subscribe +sdown\r", "Reading messages...");
  } finally {
    terminal.close();
  }
});

async function start(scene: Scene): Promise<{ c: SentinelNode; ours: SentinelNode }> {
  const master = await scene.redis();
  const config = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
  const [c, ours] = await Promise.all([
    scene.sentinel({ kind: "c", config }),
    scene.sentinel({ kind: "ours", config }),
  ]);
  for (const node of [c, ours]) {
    await scene.until(`${node.name} knows the other`, async () => {
      return (await node.sentinels()).length === 1;
    });
  }
  return { c, ours };
}

async function print({ port }: SentinelNode, words: readonly string[]): Promise<string> {
  const child = run("redis-cli", ["-p", String(port), ...words]);
  child.child.stdin?.end();
  const { stdout, stderr } = await child;
  return stdout + stderr;
}

/** A redis-cli that believes in a person: script gives it a terminal. */
class Terminal {
  readonly #process: ChildProcessWithoutNullStreams;
  #screen = "";

  constructor(port: number) {
    const command = `stty cols 300; exec redis-cli -p ${port}`;
    const env = { ...process.env, TERM: "xterm", REDISCLI_HISTFILE: "/dev/null" };
    this.#process = spawn("script", ["-qec", command, "/dev/null"], { env });
    this.#process.stdout.on("data", (bytes: Buffer) => {
      this.#screen += bytes.toString("latin1");
    });
  }

  /** Types and waits for what is to be seen after it, of which nothing was to be seen before. */
  async type(scene: Scene, keys: string, expected: string): Promise<void> {
    this.#screen = "";
    this.#process.stdin.write(keys);
    await this.shows(scene, expected);
  }

  async shows(scene: Scene, expected: string): Promise<void> {
    const isShown = () => withoutColours(this.#screen).includes(expected);
    await scene.until(`the terminal shows ${expected}`, isShown);
  }

  close(): void {
    this.#process.kill();
  }
}

function withoutColours(screen: string): string {
  const [first = "", ...rest] = screen.split("\x1b[");
  return first + rest.map((text) => text.replace(/^[0-9;]*[a-zA-Z]/, "")).join("");
}
