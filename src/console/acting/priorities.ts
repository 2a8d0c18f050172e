import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import type { Output } from "../output.ts";
import { messageOf } from "./panel.ts";
import type { Servers } from "./servers.ts";

/** The name that servers of every age know. */
const SETTING = "slave-priority";
const PREFERRED = "1";
const OTHERS = "100";

/** Makes one replica the one that any Sentinel prefers, for a while. */
export class Priorities {
  readonly #servers: Servers;
  readonly #output: Output;
  readonly #say: (text: string) => void;
  readonly #old: { readonly place: Place; readonly value: string }[] = [];

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
      const answer = await this.#servers.call(place, ["CONFIG", "GET", SETTING]);
      const value = isList(answer) ? answer[1] : null;
      if (typeof value !== "string" || value === "0") continue;
      const wanted = isSame(place, target) ? PREFERRED : OTHERS;
      if (value === wanted) continue;
      this.#say(`  ${nameOf(place)}  ${SETTING} ${value} -> ${wanted} meanwhile`);
      this.#old.push({ place, value });
      await this.#servers.call(place, ["CONFIG", "SET", SETTING, wanted]);
    }
  }

  /** Whatever came of it. What cannot be put back is said. */
  async putBack(): Promise<void> {
    for (const { place, value } of this.#old.splice(0)) {
      try {
        await this.#servers.call(place, ["CONFIG", "SET", SETTING, value]);
      } catch (error) {
        const text = `${messageOf(error)}: set it back by CONFIG SET ${SETTING} ${value}`;
        this.#output.note(text);
      }
    }
  }
}
