import type { Scene } from "../support/scene.ts";
import { Journal, parseLine } from "./journal.ts";
import type { ClientSpec } from "./registry.ts";

/** One client program of a life, with the journal that it writes. */
export class Client {
  readonly spec: ClientSpec;
  readonly #child: ReturnType<Scene["spawn"]>;
  readonly #journal = new Journal();
  /** Lines of the child that are in the journal. */
  #read = 0;

  constructor(scene: Scene, spec: ClientSpec, programs: string, env: Record<string, string>) {
    this.spec = spec;
    this.#child = scene.spawn({
      name: spec.name,
      command: spec.command,
      folder: programs,
      env: { CLIENT_NAME: spec.name, ...spec.env, ...env },
    });
  }

  get journal(): Journal {
    const { lines } = this.#child.log;
    for (const text of lines.slice(this.#read)) {
      const line = parseLine(text);
      if (line !== null) this.#journal.add(line);
    }
    this.#read = lines.length;
    return this.#journal;
  }

  get running(): boolean {
    return this.#child.running;
  }

  /** null: it has written after `since`, and knows the topology; otherwise what is missing. */
  missing(master: number, replicas: readonly number[], since: number): string | null {
    const { journal, spec } = this;
    const fresh = <T>(seen: { t: number; value: T } | null): T | undefined =>
      seen !== null && seen.t > since ? seen.value : undefined;
    if (!this.running) return "its process ended";
    if (journal.writesAfter(since) < fewWrites) return "no writes";
    const seenReplicas = fresh(journal.replicas)?.toSorted();
    for (const fact of spec.tells) {
      if (fact === "master" && fresh(journal.master) !== master) {
        return `sees the master at ${fresh(journal.master)}, not ${master}`;
      }
      if (fact === "replicas" && seenReplicas?.join() !== replicas.toSorted().join()) {
        return `sees replicas ${seenReplicas}, not ${replicas}`;
      }
      if (fact === "read" && !replicas.includes(fresh(journal.read) ?? 0)) {
        return `reads from ${fresh(journal.read)}, not from a replica (${replicas})`;
      }
    }
    return null;
  }

  /** The last things that it said which are not in the journal. */
  lastWords(): string {
    const words = this.#child.log.lines.filter((line) => parseLine(line) === null);
    return words.slice(-wordsShown).join("\n");
  }

  async stop(): Promise<void> {
    await this.#child.kill();
  }
}

/** Enough to say that it writes again, and that it was not one last answer. */
const fewWrites = 10;
const wordsShown = 12;
