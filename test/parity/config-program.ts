import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../support/child.ts";
import { RespClient, type RespValue } from "../support/resp-client.ts";
import type { Scene } from "../support/scene.ts";
import { type SentinelKind, sentinelCommand } from "../support/sentinel-node.ts";
import { stateLines } from "./config-state.ts";
import { fatal, withoutAdvice } from "./config-verdict.ts";

/** A whole start: the file, what stands beside it, and how the program is called. */
export interface FileCase {
  readonly name: string;
  /** Of sentinel.conf; `{port}` and `{folder}` are filled in. */
  readonly text: string;
  /** Other files of the folder in which the program starts. */
  readonly files?: Readonly<Record<string, string>>;
  /** Behind the name of the file. */
  readonly args?: readonly string[];
  readonly input?: string;
  readonly password?: string;
  /** Commands between the first and the second rewrite. */
  readonly commands?: readonly (readonly string[])[];
}

/** What one program made of a case. Paths, ports and own ids are placeholders. */
export interface Outcome {
  /** One line; `started` or the error. */
  readonly verdict: string;
  readonly state: readonly string[];
  /** The state after the commands, and their replies. */
  readonly finalState: readonly string[];
  readonly replies: readonly string[];
  /** The file after the start, after the commands and a flush, after another flush. */
  readonly files: readonly string[];
  /** The last of them with its own id, to be given to the other program. */
  readonly left: string;
  /** Where it stands. */
  readonly folder: string;
}

const NOTHING = { state: [], finalState: [], replies: [], files: [], left: "", folder: "" };

/** Starts the program on the case, looks, flushes twice and ends it. */
export async function runCase(scene: Scene, kind: SentinelKind, each: FileCase): Promise<Outcome> {
  const program = await Program.prepare(scene, kind, each);
  try {
    return await program.run();
  } finally {
    await program.end();
  }
}

class Program {
  readonly #kind: SentinelKind;
  readonly #case: FileCase;
  readonly #port: number;
  readonly #folder: string;
  readonly #child: Child;
  readonly #scene: Scene;

  static async prepare(scene: Scene, kind: SentinelKind, each: FileCase): Promise<Program> {
    const port = await scene.port();
    const folder = scene.subfolder(`${kind}-${port}`);
    return new Program(scene, kind, each, port, folder);
  }

  private constructor(
    scene: Scene,
    kind: SentinelKind,
    each: FileCase,
    port: number,
    folder: string,
  ) {
    this.#scene = scene;
    this.#kind = kind;
    this.#case = each;
    this.#port = port;
    this.#folder = folder;
    mkdirSync(join(folder, "sub"));
    const files = { ...each.files, "sentinel.conf": each.text };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), this.#fill(text), "latin1");
    }
    const args = (each.args ?? []).map((arg) => this.#fill(arg));
    const command = [...sentinelCommand(kind), "sentinel.conf", ...args];
    const input = this.#fill(each.input ?? "");
    this.#child = scene.spawn({ name: `${each.name} (${kind})`, command, folder, input });
  }

  async run(): Promise<Outcome> {
    const client = await this.#connected();
    if (client === null) return { ...NOTHING, verdict: await this.#error() };
    try {
      const state = await this.#state(client);
      const files = [this.#file()];
      const replies: string[] = [];
      for (const command of this.#case.commands ?? []) {
        replies.push(JSON.stringify(await tryCall(client, command)));
      }
      for (const _ of [1, 2]) {
        await client.call("SENTINEL", "FLUSHCONFIG");
        files.push(this.#file());
      }
      return {
        ...{ verdict: "started", state, replies, finalState: await this.#state(client) },
        files: files.map((text) => this.#neutral(text)),
        left: this.#unfill(files.at(-1) ?? ""),
        folder: this.#folder,
      };
    } finally {
      client.close();
    }
  }

  async end(): Promise<void> {
    await this.#child.kill();
  }

  async #state(client: RespClient): Promise<readonly string[]> {
    return (await stateLines(client)).map((line) => this.#neutral(line));
  }

  /** null: it ended in place of answering. */
  async #connected(): Promise<RespClient | null> {
    return await this.#scene.until(`${this.#child.name} answers or ends`, async () => {
      if (!this.#child.running) return null;
      const { password } = this.#case;
      const client = await RespClient.open({ port: this.#port, password });
      if ((await client.call("PING")) === "PONG") return client;
      client.close();
      return undefined;
    });
  }

  async #error(): Promise<string> {
    const { code } = await this.#child.exited;
    const text = this.#child.log.lines.join("\n");
    const isOurFatal = this.#kind === "ours" && /\*\*\* FATAL|^Fatal error/m.test(text);
    return this.#neutral(`exit ${code} | ${fatal(isOurFatal ? withoutAdvice(text) : text)}`);
  }

  #file(): string {
    return readFileSync(join(this.#folder, "sentinel.conf"), "latin1");
  }

  #fill(text: string): string {
    return text.replaceAll("{port}", String(this.#port)).replaceAll("{folder}", this.#folder);
  }

  #unfill(text: string): string {
    return text.replaceAll(this.#folder, "{folder}").replaceAll(String(this.#port), "{port}");
  }

  #neutral(text: string): string {
    return this.#unfill(text).replace(/(sentinel myid |^myid )[0-9a-f]{40}/gm, "$1{id}");
  }
}

async function tryCall(client: RespClient, command: readonly string[]): Promise<RespValue> {
  try {
    return await client.call(...command);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : error}`;
  }
}
