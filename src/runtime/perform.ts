import { textOf } from "../base/bytes.ts";
import type { Effect } from "../core/effect.ts";
import type { Extra } from "../core/extra.ts";
import type { Server } from "../server/server.ts";
import type { JournalFile } from "./journal/journal-file.ts";
import type { Links } from "./links/links.ts";
import type { FaultLog } from "./log/fault-log.ts";
import type { Log } from "./log/log.ts";
import type { Onlooker } from "./onlookers.ts";
import type { ScriptRunner } from "./process/script-runner.ts";
import type { Resolver } from "./resolver.ts";

/** Everything that effects work on. */
export interface Organs {
  readonly links: Pick<Links, "connect" | "disconnect" | "send">;
  readonly server: Pick<Server, "reply" | "publish">;
  readonly resolver: Pick<Resolver, "resolve">;
  readonly scripts: Pick<ScriptRunner, "run" | "kill">;
  readonly log: Pick<Log, "write" | "event" | "setThreshold">;
  readonly configure: (settings: ReadonlyMap<string, string>) => void;
  readonly journal: Pick<JournalFile, "write">;
  readonly faults: Pick<FaultLog, "tell">;
  /** Writes it beside the file, and tells the core whether that succeeded. */
  readonly keep: (extra: Extra) => void;
  readonly onlookers: readonly Pick<Onlooker, "hear" | "note">[];
  /** Once others had their turn. */
  readonly askAgain: () => void;
}

/** Does what the core asks for. */
export function perform(organs: Organs, effect: Effect): void {
  switch (effect.type) {
    case "connect":
      return organs.links.connect(effect);
    case "disconnect":
      return organs.links.disconnect(effect.connection);
    case "send":
      return organs.links.send(effect);
    case "reply":
      return organs.server.reply(effect.client, effect.reply);
    case "event":
      return announce(organs, effect);
    case "log":
      return organs.log.write(effect.level, effect.text);
    case "resolve":
      return organs.resolver.resolve(textOf(effect.host));
    case "runScript":
      return organs.scripts.run(effect.job, effect.argv);
    case "killScript":
      return organs.scripts.kill(effect.job);
    case "logLevel":
      return organs.log.setThreshold(effect.threshold);
    case "keep":
      return organs.keep(effect.extra);
    case "journal":
      return note(organs, effect);
    case "configure":
      return organs.configure(effect.settings);
    case "fault":
      return organs.faults.tell(effect.where, effect.error);
    case "again":
      return organs.askAgain();
    case "exit":
      // SIMULATE-FAILURE: as a crash, nothing is cleaned up.
      return process.exit(effect.code);
    default:
      return effect satisfies never;
  }
}

export function note(
  { journal, onlookers }: Pick<Organs, "journal" | "onlookers">,
  { at, incident }: Omit<JournalEffect, "type">,
): void {
  journal.write(at, incident);
  for (const one of onlookers) one.note?.(incident);
}

type JournalEffect = Extract<Effect, { type: "journal" }>;
type EventEffect = Extract<Effect, { type: "event" }>;

/** Subscribers hear everything but debug events, whatever the log's threshold [EVENT-FORM]. */
function announce({ log, onlookers, server }: Organs, event: EventEffect): void {
  const { level, name, payload } = event;
  log.event(level, name, payload);
  if (level !== "debug") server.publish(name, payload);
  for (const one of onlookers) one.hear(level, name, payload);
}
