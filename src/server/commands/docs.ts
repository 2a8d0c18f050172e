import { array, bulk, map, type Reply, status } from "../../base/reply.ts";
import { describeArgument } from "./arguments.ts";
import type { CommandSpec } from "./spec.ts";

/** The `complexity` of a container. */
export const OF_SUBCOMMAND = "Depends on subcommand.";
/** A `complexity` that the reference does not say. */
export const UNTOLD = "";

/** The `complexity` of what takes time for each of many. */
export function per(
  things: "clients" | "commands" | "entries" | "masters" | "names given" | "users",
): string {
  return `O(N) where N is the number of ${things}`;
}

/** The value of one command in COMMAND DOCS. */
export function documentCommand(spec: CommandSpec): Reply {
  const { summary, since, group, complexity, deprecated, history, words, subcommands } = spec;
  const entries: (readonly [Reply, Reply])[] = [
    [bulk("summary"), bulk(summary)],
    [bulk("since"), bulk(since)],
    [bulk("group"), bulk(group)],
  ];
  if (complexity !== UNTOLD) entries.push([bulk("complexity"), bulk(complexity)]);
  if (deprecated !== null) {
    entries.push([bulk("doc_flags"), { type: "set", items: [status("deprecated")] }]);
    entries.push([bulk("deprecated_since"), bulk(deprecated.since)]);
    entries.push([bulk("replaced_by"), bulk(deprecated.replacedBy)]);
  }
  if (history.length > 0) {
    const items = history.map(([version, what]) => array([bulk(version), bulk(what)]));
    entries.push([bulk("history"), { type: "set", items }]);
  }
  if (words.length > 0) entries.push([bulk("arguments"), array(words.map(describeArgument))]);
  if (subcommands.size > 0) {
    const parts = [...subcommands.values()];
    entries.push([
      bulk("subcommands"),
      map(parts.map((part) => [bulk(part.fullName), documentCommand(part)])),
    ]);
  }
  return map(entries);
}
