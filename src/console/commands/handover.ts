import type { MasterPicture } from "../../quorum/picture.ts";
import { nameOf } from "../../quorum/place.ts";
import { identify, isMasterOf } from "../acting/identity.ts";
import { done, type Outcome } from "../acting/outcome.ts";
import { switchMaster } from "../acting/switch.ts";
import { Deadline, sleep } from "../acting/time.ts";
import { pictureFrom } from "../ask.ts";
import { ACTED, type Call, defineCommand } from "../command.ts";
import type { Access } from "../connect/access.ts";
import { placeOf } from "../connect/place.ts";
import { SERVER_OPTIONS } from "../options.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { millisOf } from "../times.ts";
import { Trouble } from "../trouble.ts";
import { tell } from "./switchover.ts";

const REDIS_PORT = 6_379;
/** The Sentinels together have so long to tell what they watch. */
const PICTURE_MS = 3_000;
/** What was asked last may still be answered. */
const GRACE_MS = 500;
/** Of the time for a switch, so much is kept for putting back what was set. */
const PUT_BACK_MS = 1_000;
const PUT_BACK_SHARE = 0.2;
/** After an attempt that changed nothing. */
const AGAIN_MS = 500;

const OPTIONS = {
  ...SERVER_OPTIONS,
  server: { type: "string", describe: "the server that goes down, host:port" },
  "no-wait": { type: "boolean", describe: "end as soon as it has begun" },
  timeout: {
    type: "string",
    default: "20s",
    describe: "never take longer than this: 500ms, 20s, 1m",
  },
} as const;

export const handover = defineCommand({
  name: "handover",
  words: "--server HOST:PORT",
  wordCount: [0, 0],
  summary: "Before a server goes down: moves the masters away that it is",
  about:
    "Does nothing and says so if the server is no master that the Sentinels watch. Else a switchover, tried again until it is done or --timeout is over. For the stop of a unit, or the preStop of a container. The server is known by its addresses and by its run id, which it is asked for if its password is there (--conf, --servers-auth-file). The Sentinels are told of each other, so that the one on this host may end first.",
  options: OPTIONS,
  examples: [
    ["handover --server 127.0.0.1:6379 --timeout 20s", "before this host's server is stopped"],
    ["handover --server redis-0:6379 --at redis-1:26379,redis-2", "asking Sentinels elsewhere"],
  ],
  exits: "acting",
  undoes: true,
  run,
});

async function run(call: Call<typeof OPTIONS>): Promise<number> {
  const { options, output } = call;
  if (options.server === undefined)
    throw new Trouble("--server says which one goes down", ACTED.refused);
  const place = placeOf(options.server, REDIS_PORT);
  const deadline = new Deadline(millisOf(options.timeout, "timeout"));
  endInTime(output, deadline);
  const access = within(call.access, deadline);
  const { masters } = await pictureOrRefusal(access, null, deadline);
  const identity = await identify(
    access,
    place,
    masters.map(({ name }) => name),
  );
  const own: MasterPicture[] = [];
  for (const one of masters) if (await isMasterOf(access, identity, one)) own.push(one);
  if (own.length === 0) {
    const text = `${nameOf(place)} is no master that is watched: nothing to hand over`;
    return tell(output, done(text), options.json === true);
  }
  // Each on its own: one that cannot be moved does not keep the others.
  const ends = await Promise.all(own.map((picture) => moveAway(call, access, picture, deadline)));
  const statuses = ends.map((outcome) => tell(output, outcome, options.json === true));
  return statuses.reduce((worst, status) => Math.max(worst, status));
}

/** A name server that does not answer must not hold a stop up: neither us, nor the end of the process. */
function endInTime(output: Output, deadline: Deadline): void {
  const end = () => {
    if (process.exitCode === undefined) output.note("not done within --timeout");
    process.exit(process.exitCode ?? ACTED.unknown);
  };
  setTimeout(end, deadline.leftMs + GRACE_MS).unref();
}

/** @throws Trouble with the status of what was not done. */
async function pictureOrRefusal(access: Access, name: string | null, deadline: Deadline) {
  for (;;) {
    try {
      return await pictureFrom(access, name);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      if (deadline.leftMs < PICTURE_MS) throw new Trouble(error.message, ACTED.refused);
      await sleep(AGAIN_MS);
    }
  }
}

/** Until it is done or the time is over: a replica that lags now may not in a second. */
async function moveAway(
  { options, output, interrupted }: Call<typeof OPTIONS>,
  access: Access,
  first: MasterPicture,
  deadline: Deadline,
): Promise<Outcome> {
  let picture = first;
  for (;;) {
    const outcome = await switchMaster(
      { access, output, interrupted, deadline: sooner(deadline) },
      {
        ...{ picture, target: null, isPlain: false, isDryRun: false, isYes: true },
        isJson: options.json === true,
        isOnlyAsked: options["no-wait"] === true,
      },
    );
    const isFinal = outcome.status === ACTED.done || outcome.status === ACTED.unknown;
    if (isFinal || interrupted.aborted) return outcome;
    if (deadline.leftMs < 2 * AGAIN_MS) return outcome;
    output.note(`${outcome.text}; once more`);
    await sleep(AGAIN_MS, interrupted);
    const fresh = await masterNow(access, first.name, deadline);
    if (fresh === null) return outcome;
    if (nameOf(fresh.place) !== nameOf(first.place)) {
      return done(`${shown(first.name)}: the master is ${nameOf(fresh.place)}`);
    }
    picture = fresh;
  }
}

/** Null: no Sentinel told it in time. */
async function masterNow(
  access: Access,
  name: string,
  deadline: Deadline,
): Promise<MasterPicture | null> {
  try {
    const { masters } = await pictureOrRefusal(access, name, deadline);
    return masters[0] ?? null;
  } catch (error) {
    if (error instanceof Trouble) return null;
    throw error;
  }
}

function sooner({ leftMs }: Deadline): Deadline {
  return new Deadline(leftMs - Math.min(PUT_BACK_MS, leftMs * PUT_BACK_SHARE));
}

/** No step of it takes all of the time. */
function within(access: Access, deadline: Deadline): Access {
  const limit = (ms: number) => Math.max(1, Math.min(ms, deadline.leftMs));
  return {
    ...access,
    timeoutMs: limit(PICTURE_MS),
    sentinel: (place, ms = PICTURE_MS) => access.sentinel(place, limit(ms)),
    server: (master, place, ms = PICTURE_MS) => access.server(master, place, limit(ms)),
  };
}
