import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { releasePort, reservePort } from "../../support/ports.ts";
import type { Scene } from "../../support/scene.ts";
import type { Masters } from "../masters.ts";
import {
  type FarmAction,
  type FarmAnswer,
  type FarmOrder,
  masterHost,
  replicaHost,
} from "./messages.ts";

const program = fileURLToPath(new URL("farm-process.js", import.meta.url));

/** Many simulated masters, each with one replica, and the power to kill and revive them. */
export class Farm implements Masters {
  readonly groups: number;
  readonly replicas = 1;
  readonly port: number;
  readonly #process: ChildProcess;

  static async start(scene: Scene, groups: number): Promise<Farm> {
    const info = await infoOfRealServer(scene);
    const farm = new Farm(groups, await reservePort());
    await farm.#order({ type: "start", groups, port: farm.port, info });
    return farm;
  }

  private constructor(groups: number, port: number) {
    this.groups = groups;
    this.port = port;
    this.#process = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  master(group: number): string {
    return `${masterHost(group)}:${this.port}`;
  }

  replica(group: number): string {
    return `${replicaHost(group)}:${this.port}`;
  }

  async killMasters(groups: readonly number[]): Promise<void> {
    await this.act(
      "kill",
      groups.map((group) => this.master(group)),
    );
  }

  /** Resolves when it is done. */
  async act(action: FarmAction, addresses: readonly string[]): Promise<void> {
    await this.#order({ type: action, addresses });
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.disconnect();
    await ended;
    releasePort(this.port);
  }

  async #order(order: FarmOrder): Promise<void> {
    this.#process.send(order);
    const [answer] = (await once(this.#process, "message")) as [FarmAnswer];
    if (answer.type === "done") return;
    const hint = answer.why.includes("EMFILE") ? "; raise the limit of open files: ulimit -n" : "";
    throw new Error(`The simulated servers: ${answer.why}${hint}`);
  }
}

async function infoOfRealServer(scene: Scene): Promise<string> {
  const server = await scene.redis();
  const info = String(await server.call("INFO"));
  await server.kill();
  return info;
}
