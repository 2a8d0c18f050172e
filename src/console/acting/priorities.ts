import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import { Refusal } from "../connect/errors.ts";
import type { Output } from "../output.ts";
import { messageOf } from "./panel.ts";
import type { Servers } from "./servers.ts";

/** The name that servers of every age know. */
const SETTING = "slave-priority";
const PREFERRED = "1";
const OTHERS = "100";

interface Change {
  readonly place: Place;
  /** Before, and meanwhile. */
  readonly value: string;
  readonly wanted: string;
}

/** Makes one replica the one that any Sentinel prefers, for a while. */
export class Priorities {
  readonly #servers: Servers;
  readonly #output: Output;
  readonly #say: (text: string) => void;
  readonly #changed: Change[] = [];

  /** `isJson`: standard output is for programs. */
  constructor(servers: Servers, output: Output, isJson: boolean) {
    this.#servers = servers;
    this.#output = output;
    this.#say = (text) => (isJson ? output.note(text) : output.line(text));
  }

  /** Those that are never promoted stay so. A lone replica needs none of it. @throws NoAnswer or Refusal */
  async prefer(target: Place, replicas: readonly Place[]): Promise<void> {
    if (replicas.length < 2) return;
    for (const place of replicas) {
      const value = await this.#get(place);
      if (value === null || value === "0") continue;
      const wanted = isSame(place, target) ? PREFERRED : OTHERS;
      if (value === wanted) continue;
      this.#say(`  ${nameOf(place)}  ${SETTING} ${value} -> ${wanted} meanwhile`);
      this.#changed.push({ place, value, wanted });
      await this.#servers.call(place, ["CONFIG", "SET", SETTING, wanted]);
    }
  }

  /**
   * Whatever came of it. What cannot be put back is said. `isOnDisk`: a Sentinel that changes a role says CONFIG
   * REWRITE, which has put our value into the file.
   */
  async putBack(isOnDisk: boolean): Promise<void> {
    for (const one of this.#changed.splice(0)) {
      const { place, value } = one;
      try {
        if (!(await this.#isOurs(one))) continue;
        await this.#servers.call(place, ["CONFIG", "SET", SETTING, value]);
        if (isOnDisk) await this.#rewrite(one);
      } catch (error) {
        const text = `${messageOf(error)}: set it back by CONFIG SET ${SETTING} ${value}`;
        this.#output.note(text);
      }
    }
  }

  /** Somebody may have set it since: another switch, which puts it back itself. */
  async #isOurs({ place, value, wanted }: Change): Promise<boolean> {
    const now = await this.#get(place);
    if (now === wanted) return true;
    if (now !== value) {
      this.#output.note(`${nameOf(place)}: ${SETTING} is ${now} by now, and was ${value}: left so`);
    }
    return false;
  }

  /** @throws NoAnswer */
  async #rewrite({ place, value }: Change): Promise<void> {
    try {
      await this.#servers.call(place, ["CONFIG", "REWRITE"]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Nothing is on disk then.
      if (/without a config file/.test(error.message)) return;
      this.#output.note(`${error.message}: its file may have another ${SETTING} than ${value}`);
    }
  }

  async #get(place: Place): Promise<string | null> {
    const answer = await this.#servers.call(place, ["CONFIG", "GET", SETTING]);
    const value = isList(answer) ? answer[1] : null;
    return typeof value === "string" ? value : null;
  }
}
