import { lastPriority, priorityBefore } from "../../quorum/last-priority.ts";
import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import { Refusal } from "../connect/errors.ts";
import type { Output } from "../output.ts";
import { messageOf } from "./panel.ts";
import type { Servers } from "./servers.ts";

/** The name that servers of every age know. */
const SETTING = "slave-priority";

interface Change {
  readonly place: Place;
  /** What it is to have at the end, and meanwhile. */
  readonly value: string;
  readonly wanted: string;
  /** By a switch that was killed, which may have left it in the file, too. */
  readonly wasLeft: boolean;
}

/**
 * Makes one replica the one that any Sentinel prefers, for a while: the others come after all that is usual. Their
 * numbers tell what they were, so that the next switch puts back what one that was killed has left.
 */
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
  async prefer(target: Place, replicas: readonly Place[], master: Place): Promise<void> {
    for (const place of [...replicas, master]) {
      const present = await this.#get(place);
      if (present === null || present === "0") continue;
      const value = `${priorityBefore(Number(present))}`;
      const isLast = replicas.length > 1 && !isSame(place, target) && place !== master;
      const wanted = isLast ? `${lastPriority(Number(value))}` : value;
      const wasLeft = present !== value;
      if (!isLast && !wasLeft) continue;
      const why = wasLeft ? `, which a switch has left: it was ${value}` : "";
      this.#say(`  ${nameOf(place)}  ${SETTING} ${present} -> ${wanted} meanwhile${why}`);
      this.#changed.push({ place, value, wanted, wasLeft });
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
        if (isOnDisk || one.wasLeft) await this.#rewrite(one);
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
