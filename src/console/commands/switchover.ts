import type { MasterPicture } from "../../quorum/picture.ts";
import type { Outcome } from "../acting/outcome.ts";
import { switchMaster } from "../acting/switch.ts";
import { Deadline } from "../acting/time.ts";
import { pictureFrom } from "../ask.ts";
import { ACTED, type Call, type Command, defineCommand } from "../command.ts";
import { placeOf } from "../connect/place.ts";
import { SERVER_OPTIONS } from "../options.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { millisOf } from "../times.ts";
import { Trouble } from "../trouble.ts";

const REDIS_PORT = 6_379;

const OPTIONS = {
  ...SERVER_OPTIONS,
  to: { type: "string", describe: "the replica that takes over, host:port; else the best one" },
  "dry-run": { type: "boolean", describe: "tell what would be done, and do nothing" },
  yes: { alias: "y", type: "boolean", describe: "do not ask whether one is sure" },
  wait: { type: "string", default: "60s", describe: "how long to wait for the end of it" },
} as const;

export const switchover = defineCommand({
  name: "switchover",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Moves the master to a replica and loses no acknowledged write",
  about:
    "Asks a Sentinel of ours for it (SENTINEL FAILOVER ... COORDINATED). Where all are C Sentinels it holds writes back on the master itself, for three seconds at most, and needs the password of the servers (--conf or --servers-auth-file). Waits until a majority of the Sentinels names the new master and the old one follows it. Interrupted before the failover has begun, it undoes what it did.",
  options: OPTIONS,
  examples: [
    ["switchover mymaster --dry-run", "who would take over, and what is in the way"],
    ["switchover mymaster --to 10.0.0.2:6379 --yes", "to this replica, and no question"],
    ["switchover mymaster --conf /etc/redis/sentinel.conf", "with C Sentinels"],
  ],
  exits: "acting",
  undoes: true,
  run: (call) => run(call, false),
});

export const failover = defineCommand({
  name: "failover",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Fails over at once, without asking the other Sentinels",
  about:
    "SENTINEL FAILOVER: for a master that is dead or does not answer. What it has taken and no replica has yet is lost; switchover loses nothing. Waits until a majority of the Sentinels, or all that answer where these are fewer, names the new master and the old one follows it, or is down.",
  options: OPTIONS,
  examples: [["failover mymaster", "after a question, if on a terminal"]],
  exits: "acting",
  undoes: true,
  run: (call) => run(call, true),
}) satisfies Command;

async function run(call: Call<typeof OPTIONS>, isPlain: boolean): Promise<number> {
  const { words, options, output, access, interrupted } = call;
  const target = options.to === undefined ? null : placeOf(options.to, REDIS_PORT);
  const picture = await onlyMaster(call, words[0] ?? null);
  const deadline = new Deadline(millisOf(options.wait, "wait"));
  const outcome = await switchMaster(
    { access, output, interrupted, deadline },
    {
      ...{ picture, target, isPlain, isOnlyAsked: false },
      isDryRun: options["dry-run"] === true,
      isYes: options.yes === true,
      isJson: options.json === true,
    },
  );
  return tell(output, outcome, options.json === true);
}

/** The one of this name, or the only one that there is. @throws Trouble */
async function onlyMaster({ access }: Call, name: string | null): Promise<MasterPicture> {
  const { masters } = await pictureFrom(access, name);
  const [first, second] = masters;
  if (first === undefined) throw new Trouble("no master is watched", ACTED.refused);
  if (second === undefined) return first;
  const names = masters.map((one) => shown(one.name)).join(", ");
  throw new Trouble(`say which one: ${names}`, ACTED.refused);
}

export function tell(output: Output, { status, text }: Outcome, isJson: boolean): number {
  const result = ["done", "refused", "aborted", "unknown"][status] ?? "unknown";
  if (isJson) output.jsonLine({ result, text });
  else if (status === ACTED.done) output.line(text);
  else output.note(text);
  return status;
}
