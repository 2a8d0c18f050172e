import { strictInteger } from "../../../base/integers.ts";
import { array, bulk, integer, map, OK, type Reply } from "../../../base/reply.ts";
import type { AclLogEntry } from "../../acl-log.ts";
import { NOT_AN_INTEGER, wrongSubcommandArguments } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { integerWord, OPTIONAL, oneOf, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import type { Command } from "../spec.ts";
import { ADMINISTRATIVE } from "./rights.ts";

const DEFAULT_LOG_ENTRIES = 10;

export const logCommand: Command = {
  name: "log",
  arity: -2,
  ...ADMINISTRATIVE,
  since: "6.0.0",
  summary: "Shows the latest refusals, or forgets them.",
  history: [["7.2.0", "Shows entry-id, timestamp-created and timestamp-last-updated."]],
  words: [oneOf("operation", [integerWord("count"), word("RESET")], OPTIONAL)],
  help: [["LOG [<count> | RESET]", "Show the latest refusals, or forget them."]],
  run: log,
};

/** `LOG [count|RESET]`. */
function log({ ctx, args }: Call): Outcome {
  const [, typed = "", word, ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("acl", typed);
  if (word?.toLowerCase() === "reset") {
    ctx.aclLog.clear();
    return OK;
  }
  const count = word === undefined ? BigInt(DEFAULT_LOG_ENTRIES) : strictInteger(word);
  if (count === null) return NOT_AN_INTEGER;
  const entries = ctx.aclLog.latest(count < 0n ? 0 : Number(count));
  return array(entries.map((entry) => describeEntry(entry, Date.now())));
}

function describeEntry(entry: AclLogEntry, nowUnixMs: number): Reply {
  const ageSeconds = (nowUnixMs - entry.updatedAtUnixMs) / 1000;
  return map([
    [bulk("count"), integer(entry.count)],
    [bulk("reason"), bulk(entry.reason)],
    [bulk("context"), bulk("toplevel")],
    [bulk("object"), bulk(entry.object)],
    [bulk("username"), bulk(entry.username)],
    [bulk("age-seconds"), { type: "double", text: `${ageSeconds}` }],
    [bulk("client-info"), bulk(entry.clientInfo)],
    [bulk("entry-id"), integer(entry.id)],
    [bulk("timestamp-created"), integer(entry.createdAtUnixMs)],
    [bulk("timestamp-last-updated"), integer(entry.updatedAtUnixMs)],
  ]);
}
