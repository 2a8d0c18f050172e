import { error, OK, type Reply } from "../../base/reply.ts";
import { type Context, save } from "../context.ts";
import { event } from "../event.ts";
import { authenticateAnew } from "../greet.ts";
import {
  MASTER_SETTINGS,
  type MasterSettings,
  type RenamedCommands,
  type SettingField,
  settingNamed,
  withSetting,
} from "../master-settings.ts";
import { instancesOf } from "../records.ts";
import { planAll } from "../schedule.ts";
import type { Master } from "../state.ts";
import { lowerAscii } from "../text.ts";
import { controlCharacter, findMaster, hasControlCharacter, NO_SUCH_MASTER } from "./arguments.ts";
import { type Handler, replyOnceSaved } from "./call.ts";

/** How far a request was carried out. */
interface Progress {
  /** The word to look at next. */
  at: number;
  changed: boolean;
  hasNewCredentials: boolean;
  /** The commands' names as they will be, by the lower-case name of old; null: as they are. */
  renamed: Map<string, RenamedCommands[number]> | null;
}

const RENAME_COMMAND = "rename-command";

/**
 * Sets options of a master from left to right [SENTINEL-SET]. The first error stops; what was set before it
 * stays, is saved, and the error is the reply. A control character anywhere changes nothing at all.
 */
export const set: Handler = (ctx, call) => {
  const [name, ...words] = call.args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  if (words.some(hasControlCharacter)) return controlCharacter("arguments of SENTINEL SET");
  const progress: Progress = { at: 0, changed: false, hasNewCredentials: false, renamed: null };
  let failure: Reply | null = null;
  while (failure === null && progress.at < words.length) {
    failure = setNext(ctx, master, words, progress);
  }
  if (failure !== null && !progress.changed) return failure;
  settle(ctx, master, progress);
  return replyOnceSaved(ctx, call, failure ?? OK);
};

/** What concerns every instance, or thousands of names, is done once, however many options there were. */
function settle(ctx: Context, master: Master, { hasNewCredentials, renamed }: Progress): void {
  if (renamed !== null) {
    master.settings = { ...master.settings, renamedCommands: [...renamed.values()] };
  }
  const { downAfterMs } = master.settings;
  for (const instance of instancesOf(master)) instance.downAfterMs = downAfterMs;
  if (hasNewCredentials) {
    authenticateAnew(
      ctx,
      instancesOf(master).filter(({ kind }) => kind !== "sentinel"),
    );
  }
  planAll(ctx, master);
  save(ctx);
}

/** Applies the next option with its values; an error reply if it cannot. */
function setNext(
  ctx: Context,
  master: Master,
  words: readonly string[],
  progress: Progress,
): Reply | null {
  const option = words[progress.at] ?? "";
  const name = option.toLowerCase();
  const field = settingNamed(name);
  const wanted = name === RENAME_COMMAND ? 2 : 1;
  const values = words.slice(progress.at + 1, progress.at + 1 + wanted);
  const [value = "", second = ""] = values;
  if ((!field && name !== RENAME_COMMAND) || values.length < wanted) {
    return error(`ERR Unknown option or number of arguments for SENTINEL SET '${option}'`);
  }
  const failure = field
    ? setValue(ctx, master, field, value)
    : rename(progress, master.settings, value, second);
  if (failure !== null) return failure === "invalid" ? invalidArgument(value, option) : failure;
  const setting = field ? MASTER_SETTINGS[field] : null;
  const shown = setting?.isSecret ? ["******"] : values;
  event(ctx, "warning", "+set", master, ` ${[option, ...shown].join(" ")}`);
  progress.at += 1 + wanted;
  progress.changed = true;
  progress.hasNewCredentials ||= setting?.isCredential === true;
  return null;
}

function invalidArgument(value: string, option: string): Reply {
  return error(`ERR Invalid argument '${value}' for SENTINEL SET '${option}'`);
}

type Failure = "invalid" | Reply;

/** In effect at once: the event of this very option may go to a script that it sets. */
function setValue<K extends SettingField>(
  ctx: Context,
  master: Master,
  field: K,
  word: string,
): Failure | null {
  const setting = MASTER_SETTINGS[field];
  if (setting.isScript && ctx.state.settings.denyScriptsReconfig) return SCRIPTS_DENIED;
  const read = setting.fromSet(word, ctx.isExecutable);
  if ("refusal" in read) return read.refusal === null ? "invalid" : error(`ERR ${read.refusal}`);
  master.settings = withSetting(master.settings, field, read.value);
  return null;
}

const SCRIPTS_DENIED = error(
  "ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration",
);

/** `rename-command old new`; a command renamed to itself is renamed no longer. */
function rename(
  progress: Progress,
  { renamedCommands }: MasterSettings,
  from: string,
  to: string,
): Failure | null {
  if (from === "") return "invalid";
  if (to === "") return invalidArgument(to, RENAME_COMMAND);
  progress.renamed ??= new Map(renamedCommands.map((one) => [lowerAscii(one[0]), one]));
  const key = lowerAscii(from);
  progress.renamed.delete(key);
  if (key !== lowerAscii(to)) progress.renamed.set(key, [from, to]);
  return null;
}
