import type { Answer } from "../../quorum/answer.ts";
import { NEEDED_COMMANDS, nameOfCommand, refusedByRules } from "../../quorum/check/acl-before-7.ts";
import type { Unchecked } from "../../quorum/check/codes.ts";
import type { ServerTold } from "../../quorum/check/of-servers.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import { isList, rowOf } from "../../quorum/rows.ts";
import { told } from "../ask.ts";
import type { Client } from "../connect/client.ts";
import { Refusal } from "../connect/errors.ts";
import { shown } from "../shown.ts";

/** What is set of a server that may become, or was, the master. */
const SETTINGS = [
  "min-replicas-to-write",
  "masterauth",
  "requirepass",
  "replica-read-only",
  "save",
  "appendonly",
] as const;
const SECRETS: readonly string[] = ["masterauth", "requirepass"];

/** What the file of a Sentinel says of how it speaks to the servers of a master. */
export interface SpokenAs {
  readonly user: string;
  /** By Redis' name, in lower case: what it is called there. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Asks one server, by reading commands and dry runs alone. `spokenAs`: null if no file tells it. */
export async function askServer(
  client: Client,
  about: Place & { readonly master: string; readonly isMaster: boolean },
  spokenAs: SpokenAs | null,
): Promise<ServerTold> {
  const inVain = new Map<string, string[]>();
  const ask = async (what: string, words: readonly string[]): Promise<Answer> => {
    try {
      return await client.call(words);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      inVain.set(error.message, [...(inVain.get(error.message) ?? []), what]);
      return null;
    }
  };
  const [info, time, config, unknownCommands, refusedToUser] = await Promise.all([
    ask("INFO", ["INFO", "server"]),
    ask("TIME", ["TIME"]),
    askConfig(ask, spokenAs),
    unknownOnes(ask, spokenAs),
    spokenAs === null ? null : refusedTo(ask, client, spokenAs.user),
  ]);
  const unchecked: Unchecked[] = [...inVain].map(([why, what]) => ({
    what: `${[...new Set(what)].join(", ")} of ${nameOf(about)}`,
    why,
  }));
  return {
    ...about,
    error: null,
    config,
    info: typeof info === "string" ? info : null,
    unknownCommands,
    refusedToUser,
    skewMs: skewOf(time),
    certificateLeftMs: client.certificateLeftMs,
    unchecked,
  };
}

type Ask = (what: string, words: readonly string[]) => Promise<Answer>;

/** Values of secrets are read as `set` or empty here, and go no further. */
async function askConfig(
  ask: Ask,
  spokenAs: SpokenAs | null,
): Promise<ReadonlyMap<string, string>> {
  const config = spokenAs?.renamed.get("config") ?? "CONFIG";
  const told = await Promise.all(
    // One by one: before 7.0 CONFIG GET takes one name.
    SETTINGS.map((name) => ask("CONFIG GET", [config, "GET", name])),
  );
  const known = new Map<string, string>();
  for (const [at, answer] of told.entries()) {
    const name = SETTINGS[at] ?? "";
    if (!isList(answer) || answer.length < 2) continue;
    const value = rowOf(answer).text(name);
    known.set(name, SECRETS.includes(name) && value !== "" ? "set" : value);
  }
  return known;
}

/** A name that is not known there; with `sentinel rename-command` it is the new one that must be. */
async function unknownOnes(ask: Ask, spokenAs: SpokenAs | null): Promise<readonly string[]> {
  const names = [...new Set(NEEDED_COMMANDS.map(([name = ""]) => name))];
  const called = names.map((name) => spokenAs?.renamed.get(name)?.toLowerCase() ?? name);
  const answer = await ask("COMMAND INFO", ["COMMAND", "INFO", ...called]);
  if (!isList(answer)) return [];
  return names.flatMap((name, at) => {
    if (answer[at] !== null) return [];
    const now = called[at] ?? name;
    return [now === name ? name : `${name} as ${shown(now)}`];
  });
}

async function refusedTo(
  ask: Ask,
  client: Client,
  user: string,
): Promise<ServerTold["refusedToUser"]> {
  const answers = await Promise.all(
    NEEDED_COMMANDS.map((words) => told(client.call(["ACL", "DRYRUN", user, ...words]))),
  );
  const errors = answers.flatMap((answer) => (answer.ok ? [] : answer.error));
  if (errors.some((error) => /unknown|syntax/i.test(error))) return await byRules(ask, user);
  if (errors.some((error) => /^ERR User .* not found/i.test(error))) {
    return { user, commands: NEEDED_COMMANDS.map(nameOfCommand) };
  }
  if (errors.some((error) => error.startsWith("NOPERM"))) {
    await ask(`rights of the user ${shown(user)}`, ["ACL", "DRYRUN", user, "ping"]);
    return null;
  }
  // What is left is a command that is not known there, which is told otherwise.
  const refused = NEEDED_COMMANDS.filter((_, at) => {
    const answer = answers[at];
    return answer?.ok === true && answer.value !== "OK";
  });
  return { user, commands: refused.map(nameOfCommand) };
}

/** Before 7.0 there is no ACL DRYRUN. */
async function byRules(ask: Ask, user: string): Promise<ServerTold["refusedToUser"]> {
  const rules = await ask(`rights of the user ${shown(user)}`, ["ACL", "GETUSER", user]);
  if (!isList(rules)) return null;
  const fields = new Map<Answer, Answer>();
  for (let at = 0; at + 1 < rules.length; at += 2) {
    fields.set(rules[at] ?? null, rules[at + 1] ?? null);
  }
  const commands = `${fields.get("commands") ?? ""}`;
  return { user, commands: refusedByRules(commands, channelsOf(fields.get("channels"))) };
}

/** A list in 6.2, and a text with blanks since 7.0. */
function channelsOf(told: Answer | undefined): readonly string[] | null {
  if (isList(told)) return told.map(String);
  return typeof told === "string" ? told.split(" ") : null;
}

/** Its clock minus ours, to some milliseconds. */
function skewOf(time: Answer): number | null {
  if (!isList(time)) return null;
  const [seconds, micros] = time.map(Number);
  if (seconds === undefined || !Number.isFinite(seconds)) return null;
  return seconds * 1_000 + (micros ?? 0) / 1_000 - Date.now();
}
