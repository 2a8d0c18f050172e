import { type Parts, partsOf } from "./payload.ts";
import { type Spoken, WORDS } from "./words.ts";

/**
 * Who an event is about, called as the reader knows it. Null: the words of the event itself, such as
 * `replica 10.0.0.2:6379 of mymaster`.
 */
export interface Names {
  server(host: string, port: string): string | null;
  sentinel(runId: string): string | null;
}

const OWN_WORDS: Names = { server: () => null, sentinel: () => null };

/**
 * What an event of a Sentinel means, as one plain sentence for an operator: without capital and full
 * stop, and "this Sentinel" is the one that published it. `name` and `payload` are those of
 * [EVENT-FORM], of our daemon, Redis or Valkey. Null: no event of this name is known, or the payload is not
 * one of it.
 */
export function explainEvent(name: string, payload: string, names = OWN_WORDS): string | null {
  const words = WORDS.get(name);
  const parts = words === undefined ? null : partsOf(payload, words.form);
  return words === undefined || parts === null ? null : words.say(spoken(parts, names));
}

function spoken(parts: Parts, names: Names): Spoken {
  return {
    who: whoIs(parts, names),
    master: parts.master,
    rest: parts.rest,
    server: (at = "", on = "") => names.server(at, on) ?? `${at}:${on}`,
    sentinel: (runId = "") => names.sentinel(runId) ?? `Sentinel ${runId.slice(0, SHOWN_OF_ID)}`,
  };
}

/** Enough of 40 digits to tell some Sentinels apart. */
const SHOWN_OF_ID = 8;

function whoIs({ kind, name, host, port, master }: Parts, names: Names): string {
  switch (kind) {
    case null:
      return "";
    case "sentinel":
      return names.sentinel(name) ?? `Sentinel ${host}:${port}`;
    case "slave":
      return names.server(host, port) ?? `replica ${host}:${port} of ${master}`;
    case "master":
      return names.server(host, port) ?? `master ${master} at ${host}:${port}`;
    default:
      return kind satisfies never;
  }
}
