import { explainEvent } from "../../explain/event.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { messageOf } from "./panel.ts";

/** What one Sentinel says of one master while something is done, as lines for the operator. */
export class Events {
  /** The event that ended the attempt without a switch. */
  abort: string | null = null;
  readonly #client: Client | null;
  /** What comes now is told no more: the outcome is the last word. */
  #isOver = false;

  private constructor(client: Client | null) {
    this.#client = client;
  }

  /** Without them nothing is lost but the lines: the outcome is asked for. */
  static async follow(
    access: Access,
    place: Place,
    name: string,
    output: Output,
    isJson: boolean,
  ): Promise<Events> {
    let client: Client;
    try {
      client = await access.sentinel(place);
    } catch (error) {
      output.note(`no events: ${messageOf(error)}`);
      return new Events(null);
    }
    const events = new Events(client);
    const startedAt = performance.now();
    try {
      await client.psubscribe("*", (event, payload) => {
        if (events.#isOver || !isAbout(payload, name)) return;
        if (event.startsWith("-failover-abort")) events.abort = event;
        const ms = Math.round(performance.now() - startedAt);
        if (isJson) output.jsonLine({ ms, event: shown(event), payload: shown(payload) });
        else if (event !== "+elected-leader") output.line(lineOf(place, ms, event, payload));
      });
    } catch (error) {
      output.note(`no events: ${messageOf(error)}`);
    }
    return events;
  }

  close(): void {
    this.#isOver = true;
    this.#client?.close();
  }
}

const BEGINS = "this Sentinel begins it, without an election";

/** Payloads name the master last, or first: `name host port host port`. */
function isAbout(payload: string, name: string): boolean {
  return (
    payload.startsWith(`master ${name} `) ||
    payload.startsWith(`${name} `) ||
    payload.includes(` @ ${name} `)
  );
}

/**
 * To us the one that says it is one of several. It was told to, and so nobody elects it, though it says both as in any
 * other failover.
 */
function lineOf(place: Place, ms: number, event: string, payload: string): string {
  const words = event === "+try-failover" ? BEGINS : (explainEvent(event, payload) ?? payload);
  const said = words.replaceAll("this Sentinel", nameOf(place));
  return `  +${(ms / 1_000).toFixed(3)} s  ${shown(said)}`;
}
