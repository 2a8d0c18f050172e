import type { Note, NoteKind } from "../../base/journal-entry.ts";
import type { Context } from "../context.ts";
import { describe, masterOf } from "../event.ts";
import type { Heard, NoteOf } from "./recorder.ts";

/** Events that are incidents of their own, and what they are called in the journal. */
const NOTES: ReadonlyMap<string, readonly [NoteKind, Note["result"]]> = new Map([
  ["+tilt", ["tilt", "began"]],
  ["-tilt", ["tilt", "ended"]],
  ["+pause", ["pause", "began"]],
  ["-pause", ["pause", "ended"]],
  ["-slave", ["forget", "done"]],
  ["-sentinel", ["forget", "done"]],
  ["+reset-master", ["reset", "done"]],
  ["+reset-epoch", ["reset-epoch", "done"]],
  ["+monitor", ["monitor", "done"]],
  ["-monitor", ["remove", "done"]],
]);

/** What an event is to be noted as, if it is. All that begins with `+guard-` is told by a guard. */
export function noteOf({ state }: Context, { name, about, rest }: Heard): NoteOf | null {
  const isGuard = name.startsWith("+guard-");
  const [kind, result] = (isGuard ? (["guard", "done"] as const) : NOTES.get(name)) ?? [];
  if (kind === undefined || result === undefined) return null;
  const words = rest.replace(/^ ?#?/, "");
  if (about === null) return { name: null, kind, result, text: words };
  const who = about.kind === "master" ? "" : `${describe(state.settings, about)}: `;
  const what = isGuard ? `${name.slice("+guard-".length)}: ` : "";
  return { name: masterOf(about).name, kind, result, text: `${what}${who}${words}` };
}
