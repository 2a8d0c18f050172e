import type { MasterPicture, SentinelPicture } from "../../quorum/picture.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import { resetRisk } from "../../quorum/reset.ts";
import { confirms } from "../acting/confirm.ts";
import { Panel } from "../acting/panel.ts";
import { sleep } from "../acting/time.ts";
import { pictureFrom } from "../ask.ts";
import { ACTED, type Call, defineCommand } from "../command.ts";
import { placeOf } from "../connect/place.ts";
import type { Output } from "../output.ts";
import { escaped, shown } from "../shown.ts";
import { Trouble } from "../trouble.ts";

const ASK_MS = 2_000;
const REDIS_PORT = 6_379;
/** After RESET a C Sentinel finds the others anew: meanwhile it elects nobody. */
const BETWEEN_RESETS_MS = 30_000;

const OPTIONS = {
  replica: { type: "string", describe: "the replica that is gone for good, host:port" },
  sentinel: { type: "string", describe: "the Sentinel that is gone for good: its id (runid)" },
  force: { type: "boolean", describe: "also if it answered a moment ago" },
  reset: {
    type: "boolean",
    describe: "C Sentinels: SENTINEL RESET, one after the other, 30 s apart",
  },
  yes: { alias: "y", type: "boolean", describe: "do not ask whether one is sure" },
} as const;

export const forget = defineCommand({
  name: "forget",
  words: "NAME --replica HOST:PORT|--sentinel ID",
  wordCount: [1, 1],
  summary: "Takes a replica or a Sentinel that is gone for good off the lists",
  about:
    "Says SENTINEL FORGET to every Sentinel of ours. A C Sentinel can only forget everybody (RESET) and find them anew, which --reset does to one after the other, and only while the master is up; without it the status is 1 if there are any. It is 1, too, if a Sentinel does not answer, or if none of ours knows it.",
  options: OPTIONS,
  examples: [
    ["forget mymaster --replica 10.0.0.3:6379", "a server"],
    ["forget mymaster --sentinel 1a67f3f200d347846bdea2dd30e1daf6d24d4b19", "a Sentinel"],
  ],
  exits: "acting",
  undoes: true,
  run,
});

async function run(call: Call<typeof OPTIONS>): Promise<number> {
  const { words, access } = call;
  const [name = ""] = words;
  const what = whatOf(call);
  const { masters } = await pictureFrom(access, name);
  const [picture] = masters;
  if (picture === undefined) throw new Trouble("no master is watched", ACTED.refused);
  const living = picture.sentinels.filter(({ program }) => program !== null);
  const panel = new Panel(access, ASK_MS);
  try {
    const ours = living.filter(({ program }) => program?.isOurs === true);
    const isForgotten = await forgetOnOurs(call, panel, picture, ours, what);
    const others = living.filter(({ program }) => program?.isOurs !== true);
    const isReset = others.length === 0 || (await resetOthers(call, panel, picture, others));
    const isAllHeard = nameSilent(call, picture);
    const hadOne = isForgotten === "some" || others.length > 0;
    return isForgotten !== "refused" && hadOne && isReset && isAllHeard
      ? ACTED.done
      : ACTED.refused;
  } finally {
    panel.close();
  }
}

/** The words behind the name. @throws Trouble */
function whatOf({ options }: Call<typeof OPTIONS>): readonly string[] {
  const { replica, sentinel, force } = options;
  if ((replica === undefined) === (sentinel === undefined)) {
    throw new Trouble("say either --replica host:port or --sentinel ID", ACTED.refused);
  }
  const forced = force === true ? ["FORCE"] : [];
  if (sentinel !== undefined) return ["SENTINEL", sentinel, ...forced];
  const { host, port } = placeOf(replica ?? "", REDIS_PORT);
  return ["REPLICA", host, `${port}`, ...forced];
}

function say(output: Output, isJson: boolean, place: Place, text: string): void {
  if (isJson) output.jsonLine({ sentinel: nameOf(place), text });
  else output.line(`${nameOf(place)}  ${text}`);
}

/** They keep it; the one that is to be forgotten does not count. */
function nameSilent(
  { options, output }: Call<typeof OPTIONS>,
  { sentinels }: MasterPicture,
): boolean {
  const silent = sentinels.filter(({ program, id }) => program === null && id !== options.sentinel);
  for (const one of silent) {
    output.note(`${nameOf(one)}: ${one.error ?? "not asked"}; not told`);
  }
  return silent.length === 0;
}

/** Whether they had it: some of them, none, or one refused to forget it. */
async function forgetOnOurs(
  { options, output }: Call<typeof OPTIONS>,
  panel: Panel,
  { name }: MasterPicture,
  ours: readonly Place[],
  what: readonly string[],
): Promise<"some" | "none" | "refused"> {
  let [hasSome, isRefused] = [false, false];
  for (const place of ours) {
    const told = await panel.ask(place, ["SENTINEL", "FORGET", name, ...what]);
    const text = told.ok ? shown(String(told.value)) : escaped(told.error);
    // Who does not know it has nothing to forget.
    hasSome ||= told.ok;
    isRefused ||= !told.ok && !told.error.startsWith("NOSUCH");
    say(output, options.json === true, place, text);
  }
  if (isRefused) return "refused";
  return hasSome ? "some" : "none";
}

async function resetOthers(
  { options, output, access, interrupted }: Call<typeof OPTIONS>,
  panel: Panel,
  picture: MasterPicture,
  others: readonly SentinelPicture[],
): Promise<boolean> {
  const { name } = picture;
  const all = others.map(nameOf).join(", ");
  if (options.reset !== true) {
    output.note(
      `C Sentinels keep it until SENTINEL RESET ${shown(name)}: ${all} (--reset does it)`,
    );
    return false;
  }
  const mayReset = (now: MasterPicture | undefined, left: readonly Place[]): boolean => {
    const risk = now === undefined ? "it is not watched any more" : resetRisk(now);
    if (risk !== null) output.note(noReset(risk, left));
    return risk === null;
  };
  if (!mayReset(picture, others)) return false;
  const question = `RESET ${shown(name)} on ${all}, one after the other, 30 s apart?`;
  if (!(await confirms(output, question, options.yes === true, interrupted))) return false;
  for (const [at, place] of others.entries()) {
    if (at > 0) await sleep(BETWEEN_RESETS_MS, interrupted);
    if (interrupted.aborted) {
      output.note(`interrupted: not told to ${others.slice(at).map(nameOf).join(", ")}`);
      return false;
    }
    const { masters } = await pictureFrom(access, name);
    if (!mayReset(masters[0], others.slice(at))) return false;
    const told = await panel.ask(place, ["SENTINEL", "RESET", name]);
    say(output, options.json === true, place, told.ok ? "RESET" : escaped(told.error));
    if (!told.ok) return false;
  }
  return true;
}

function noReset(risk: string, left: readonly Place[]): string {
  return `no RESET now, for it forgets the replicas, and ${risk}: not told to ${left.map(nameOf).join(", ")}`;
}
