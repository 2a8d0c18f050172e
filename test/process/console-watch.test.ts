import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { OURS } from "../support/launcher.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// `watch` as its user sees it, in a terminal of tmux, through a failover of a mixed quorum.

/** A terminal of a size of its own; a server of its own, so that it ends with the test. */
class TestTerminal {
  readonly #socket: string;

  constructor(scene: Scene, columns: number, rows: number) {
    this.#socket = `${scene.folder}/tmux`;
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "w", ...size, "sh");
  }

  type(text: string): void {
    this.#tmux("send-keys", "-t", "w", "-l", text);
  }

  enter(): void {
    this.#tmux("send-keys", "-t", "w", "Enter");
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-t", "w", "-x", `${columns}`, "-y", `${rows}`);
  }

  get screen(): string {
    return this.#tmux("capture-pane", "-p", "-t", "w");
  }

  /** 1 while a program shows the other screen. */
  get isAlternate(): boolean {
    return this.#tmux("display-message", "-p", "-t", "w", "#{alternate_on}").trim() === "1";
  }

  close(): void {
    this.#tmux("kill-server");
  }

  #tmux(...words: readonly string[]): string {
    return execFileSync("tmux", ["-S", this.#socket, ...words], { encoding: "utf8" });
  }
}

async function watched(
  scene: Scene,
  terminal: TestTerminal,
  { sentinels }: Cluster,
): Promise<void> {
  const [first] = sentinels;
  terminal.type(
    `echo mine; ${OURS.join(" ")} watch mymaster --at ${first?.address}; echo status $?`,
  );
  terminal.enter();
  await scene.until("the status is shown", () => {
    const { screen } = terminal;
    return screen.includes("next in line") && screen.includes("events of 3 of 3 Sentinels");
  });
  assert.ok(terminal.isAlternate);
}

async function restored(scene: Scene, terminal: TestTerminal): Promise<void> {
  await scene.until("the user's own screen is back", () => {
    return !terminal.isAlternate && /^mine$[\s\S]*^status \d+$/m.test(terminal.screen);
  });
}

sceneTest("watch shows a failover, resizes, and gives the screen back", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["ours", "c", "ours"] });
  const terminal = new TestTerminal(scene, 80, 24);
  try {
    await watched(scene, terminal, cluster);
    await cluster.master.kill();
    await scene.until("the failover is shown", () => {
      const { screen } = terminal;
      return screen.includes("failover of mymaster") && /epoch [1-9]/.test(screen);
    });
    const rows = terminal.screen.split("\n");
    assert.ok(rows.length <= 25 && rows.every((row) => row.length <= 80));
    terminal.resize(200, 50);
    await scene.until("the failover is whole in the larger window", () => {
      return /failover of mymaster, \d+ ms: .*─ switched/.test(terminal.screen);
    });

    // The others are heard when one dies, and a whole quorum that is gone is told.
    await cluster.sentinels[0]?.kill();
    await scene.until("two are heard", () => terminal.screen.includes("events of 2 of"));
    for (const node of cluster.sentinels.slice(1)) await node.kill();
    await scene.until("nobody answers", () => terminal.screen.includes("NO SENTINEL ANSWERS"));
    terminal.type("q");
    await restored(scene, terminal);
    assert.match(terminal.screen, /^status 0$/m);
  } finally {
    terminal.close();
  }
});

sceneTest("watch: events as lines for programs; each end gives the screen back", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["c", "ours", "ours"] });
  const [, ours] = cluster.sentinels;
  const terminal = new TestTerminal(scene, 100, 30);
  const words = [...OURS, "watch", "--json", "--at", ours?.address ?? ""];
  const lines = scene.spawn({ name: "watch", command: words });
  try {
    await scene.until("all are heard", async () => {
      const clients = await Promise.all(
        cluster.sentinels.map((node) => node.call("CLIENT", "LIST")),
      );
      // One of them is the test's own.
      return clients.every((text) => (String(text).match(/ psub=1 /g)?.length ?? 0) >= 2);
    });
    await ours?.call("SENTINEL", "SET", "mymaster", "quorum", "3");
    const line = await lines.log.waitFor(/"\+set"/);
    const { at, payload, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.match(String(at), /^\d{4}-\d\d-\d\dT/);
    assert.match(String(payload), / quorum 3$/);
    assert.deepEqual(rest, {
      ...{ schema: 1, sentinel: ours?.address, event: "+set", master: "mymaster" },
      text: "quorum of mymaster is set to 3",
    });
    assert.deepEqual(await lines.stop("SIGTERM"), { code: 0, signal: null });

    await watched(scene, terminal, cluster);
    terminal.type("\u0003");
    await restored(scene, terminal);
  } finally {
    terminal.close();
  }
});
