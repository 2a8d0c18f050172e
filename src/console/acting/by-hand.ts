import type { MasterPicture, ReplicaPicture } from "../../quorum/picture.ts";
import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { rowOf, rowsOf } from "../../quorum/rows.ts";
import { ACTED } from "../command.ts";
import { shown } from "../shown.ts";
import { confirms } from "./confirm.ts";
import { Events } from "./events.ts";
import {
  aborted,
  awaitSwitch,
  done,
  isSwitched,
  type Outcome,
  refused,
  unknown,
} from "./outcome.ts";
import { messageOf, type Panel } from "./panel.ts";
import { Priorities } from "./priorities.ts";
import { Servers } from "./servers.ts";
import { showReplicas } from "./show.ts";
import { Deadline, sleep } from "./time.ts";
import type { Tools, Wanted } from "./wanted.ts";

/** Writes are held back so long: a C Sentinel takes over a second from its order to the promotion. */
const PAUSE_MS = 3_000;
/** At first for less: what comes to nothing is not called back, for it may be another one's hold by then. */
const FIRST_PAUSE_MS = 1_500;
/** By then it is made longer: it certainly did not run out before. */
const EXTENDED_BY_MS = 1_400;
/** Its PINGs wait behind its hello meanwhile: no shorter down-after than this. */
const LEAST_DOWN_AFTER_MS = PAUSE_MS + 1_000;
/** Replicas have so long to take over what the master had. */
const CATCH_UP_MS = 1_000;
/** INFO comes each ten seconds: by then a Sentinel knows the new priorities. */
const PRIORITIES_KNOWN_MS = 15_000;
const LOOK_AGAIN_MS = 20;

/**
 * A planned switch with Sentinels that know none: what ours would do, done from here. Writes are held back on the
 * master, its replicas have all, the Sentinel fails over, and the old master is told at once whom to follow. What is
 * set ends by itself, but for the priorities, which are put back.
 */
export async function switchByHand(
  tools: Tools,
  wanted: Wanted,
  panel: Panel,
  sentinel: Place,
): Promise<Outcome> {
  const { picture } = wanted;
  const obstacle = obstacleOf(tools, picture);
  const how = `by hand, for ${nameOf(sentinel)} is a C Sentinel: writes held back for ${PAUSE_MS} ms at most`;
  const name = showReplicas(tools.output, wanted, how);
  const target = picture.replicas.find((one) => nameOf(one) === name);
  if (obstacle !== null) return refused(obstacle);
  if (target === undefined) return refused("no replica is fit");
  if (target.unfit !== null) return refused(`${name}: ${target.unfit}`);
  if (wanted.isDryRun) return done("nothing was changed");
  const question = `Make ${name} the master of ${shown(picture.name)}?`;
  if (!(await confirms(tools.output, question, wanted.isYes, tools.interrupted))) {
    return refused("not confirmed, nothing was changed");
  }
  const servers = new Servers(tools.access, picture.name);
  try {
    const hand = new ByHand(tools, wanted, panel, servers, { sentinel, target });
    return await hand.run();
  } finally {
    servers.close();
  }
}

function obstacleOf({ access }: Tools, { witnesses, witness }: MasterPicture): string | null {
  if (!access.asksServers) {
    return "Sentinels that are not ours need help for it: name the servers' password by --conf FILE or --servers-auth-file FILE, or say --servers if they have none";
  }
  const least = witnesses.reduce(
    (ms, { sight }) => Math.min(ms, sight.downAfterMs),
    Number.MAX_SAFE_INTEGER,
  );
  if (least < LEAST_DOWN_AFTER_MS) {
    return `down-after-milliseconds is ${least}, and with C Sentinels writes are held back for ${PAUSE_MS} ms: it must be ${LEAST_DOWN_AFTER_MS} at least`;
  }
  if (witness.sight.failoverState !== null) return "a failover is under way";
  return null;
}

interface Choice {
  readonly sentinel: Place;
  readonly target: ReplicaPicture;
}

class ByHand {
  readonly #tools: Tools;
  readonly #wanted: Wanted;
  readonly #panel: Panel;
  readonly #servers: Servers;
  readonly #choice: Choice;
  /** The Sentinel was told to fail over. */
  #isOrdered = false;
  /** The old master follows the target already. */
  #isFollowing = false;

  constructor(tools: Tools, wanted: Wanted, panel: Panel, servers: Servers, choice: Choice) {
    this.#tools = tools;
    this.#wanted = wanted;
    this.#panel = panel;
    this.#servers = servers;
    this.#choice = choice;
  }

  get #picture(): MasterPicture {
    return this.#wanted.picture;
  }

  async run(): Promise<Outcome> {
    const { output } = this.#tools;
    const priorities = new Priorities(this.#servers, output, this.#wanted.isJson);
    try {
      await this.#servers.open([this.#picture.place, ...this.#picture.replicas]);
      const { replicas, place } = this.#picture;
      await priorities.prefer(this.#choice.target, replicas, place);
      const trouble = await this.#awaitPriorities();
      if (trouble !== null) return trouble;
      return await this.#holdAndSwitch();
    } catch (error) {
      return refused(messageOf(error));
    } finally {
      await priorities.putBack(this.#isOrdered);
    }
  }

  /** The Sentinel that is asked must prefer the target. */
  async #awaitPriorities(): Promise<Outcome | null> {
    const { interrupted, output } = this.#tools;
    const deadline = new Deadline(Math.min(PRIORITIES_KNOWN_MS, this.#tools.deadline.leftMs));
    if (this.#picture.replicas.length === 1) return null;
    const text = `  waiting until ${nameOf(this.#choice.sentinel)} knows the priorities`;
    if (this.#wanted.isJson) output.note(text);
    else output.line(text);
    for (;;) {
      if (interrupted.aborted) return aborted("interrupted, nothing was changed");
      if (await this.#isPreferred()) return null;
      if (deadline.isOver) return aborted("the Sentinel did not see the priorities in time");
      await sleep(250, interrupted);
    }
  }

  async #isPreferred(): Promise<boolean> {
    const words = ["SENTINEL", "REPLICAS", this.#picture.name];
    const told = await this.#panel.ask(this.#choice.sentinel, words);
    const rows = told.ok ? rowsOf(told.value) : [];
    const wanted = nameOf(this.#choice.target);
    const place = (row: (typeof rows)[number]) =>
      nameOf({ host: row.text("ip"), port: Number(row.text("port")) });
    const target = rows.find((row) => place(row) === wanted);
    if (target === undefined) return false;
    const priority = Number(target.text("slave-priority"));
    return rows.every((row) => {
      const other = Number(row.text("slave-priority"));
      return place(row) === wanted || other === 0 || other > priority;
    });
  }

  async #holdAndSwitch(): Promise<Outcome> {
    const { place } = this.#picture;
    const info = await this.#servers.info(place);
    if (!info.knowsHandingOver) {
      return refused(`${nameOf(place)} is older than Redis 6.2, and cannot hold back writes alone`);
    }
    if (this.#tools.deadline.leftMs < PAUSE_MS + 1_000) {
      return aborted(`less than ${PAUSE_MS + 1_000} ms are left for it, nothing was changed`);
    }
    const trouble = await this.#otherFailover();
    if (trouble !== null) return trouble;
    const events = await this.#events();
    try {
      return await this.#hold(events);
    } finally {
      events.close();
    }
  }

  /** Much time has passed since the Sentinels were asked. */
  async #otherFailover(): Promise<Outcome | null> {
    const words = ["SENTINEL", "MASTER", this.#picture.name];
    const told = await this.#panel.ask(this.#choice.sentinel, words);
    if (!told.ok) return aborted(`${nameOf(this.#choice.sentinel)}: ${told.error}`);
    const row = rowOf(told.value);
    if (row.text("failover-state") !== "") return refused("a failover is under way");
    const named = { host: row.text("ip"), port: Number(row.text("port")) };
    return isSame(named, this.#picture.place) ? null : refused(`${nameOf(named)} is the master`);
  }

  async #hold(events: Events): Promise<Outcome> {
    const held = new Deadline(PAUSE_MS);
    let trouble: Outcome | null;
    try {
      trouble = await this.#catchUp(held);
    } catch (error) {
      trouble = aborted(`${messageOf(error)}: nothing was changed`);
    }
    if (trouble !== null) return trouble;
    // Both leave at once: should we be killed now, the old master takes no more writes, which would be lost.
    const words = ["SENTINEL", "FAILOVER", this.#picture.name];
    const [told] = await Promise.all([
      this.#panel.ask(this.#choice.sentinel, words),
      this.#follow(),
    ]);
    // Without an answer it may have begun.
    const isRefused = !told.ok && /^[A-Z]+ /.test(told.error);
    if (!isRefused) {
      this.#isOrdered = true;
      return await this.#finish(events, held);
    }
    // Whose failover that is tells the old master whom to follow.
    const isUnderWay = told.error.startsWith("INPROG");
    if (!isUnderWay) await this.#takeBack();
    return refused(isUnderWay ? `${told.error}: writes go on when it ends` : told.error);
  }

  /** The target has all, and writes are held back for as long as the promotion takes. */
  async #catchUp(held: Deadline): Promise<Outcome | null> {
    const { place } = this.#picture;
    const first = new Deadline(EXTENDED_BY_MS);
    await this.#pause(FIRST_PAUSE_MS);
    const { role, history } = await this.#servers.info(place);
    if (role !== "master") return refused(`${nameOf(place)} is no master any more`);
    const trouble = (await this.#awaitReplicas(history)) ?? (await this.#otherFailover());
    if (trouble !== null) return trouble;
    await this.#pause(Math.ceil(held.leftMs));
    return first.isOver ? aborted("the servers are too slow: nothing was changed") : null;
  }

  async #pause(ms: number): Promise<void> {
    await this.#servers.call(this.#picture.place, ["CLIENT", "PAUSE", `${ms}`, "WRITE"]);
  }

  /** As a replica of the target, which does not serve it before it is promoted. It may refuse. */
  async #follow(): Promise<void> {
    const { host, port } = this.#choice.target;
    try {
      await this.#servers.call(this.#picture.place, ["SLAVEOF", host, `${port}`]);
      this.#isFollowing = true;
    } catch (error) {
      this.#tools.output.note(messageOf(error));
    }
  }

  async #events(): Promise<Events> {
    const { access, output } = this.#tools;
    const { sentinel } = this.#choice;
    return await Events.follow(access, sentinel, this.#picture.name, output, this.#wanted.isJson);
  }

  /** The target has all, or nothing was changed. */
  async #awaitReplicas(
    frozen: { readonly id: string; readonly offset: bigint } | null,
  ): Promise<Outcome | null> {
    const { interrupted } = this.#tools;
    const { target } = this.#choice;
    if (frozen === null) return aborted("the master does not tell how much it has");
    const deadline = new Deadline(CATCH_UP_MS);
    for (;;) {
      if (interrupted.aborted) return aborted("interrupted: writes go on, nothing was changed");
      const { history, replOffset } = await this.#servers.info(target);
      const isOfIt = history?.id === frozen.id;
      if (isOfIt && replOffset !== null && replOffset >= frozen.offset) return null;
      if (deadline.isOver) {
        return aborted(
          `${nameOf(target)} has not caught up within ${CATCH_UP_MS} ms: writes go on, nothing was changed`,
        );
      }
      await sleep(LOOK_AGAIN_MS, interrupted);
    }
  }

  /** From here on there is no way back: the Sentinel promotes, and the old master is told as soon as it has. */
  async #finish(events: Events, held: Deadline): Promise<Outcome> {
    const { interrupted, deadline, output } = this.#tools;
    const { target } = this.#choice;
    const never = new AbortController().signal;
    const wait = {
      ...{ panel: this.#panel, picture: this.#picture, deadline, events, target },
      interrupted: never,
    };
    if (interrupted.aborted) output.note("the failover has begun and cannot be called back");
    let isPromoted = await this.#isPromoted();
    while (!isPromoted && !deadline.isOver) {
      if (events.abort !== null) {
        await this.#takeBack();
        return aborted(`the Sentinel gave up (${events.abort}): writes go on, nothing was changed`);
      }
      // Another one may have been promoted.
      if (held.isOver && (await isSwitched(wait))) break;
      if (held.isOver && this.#isFollowing) await this.#takeBack();
      await sleep(LOOK_AGAIN_MS);
      isPromoted = await this.#isPromoted();
    }
    const isTold = isPromoted && (await this.#demote(target));
    const lateMs = Math.round(held.overMs);
    const outcome = await awaitSwitch(wait);
    const isInTime = this.#isFollowing || (isTold && lateMs === 0);
    if (outcome.status !== ACTED.done || isInTime) return outcome;
    const late = isTold ? `${lateMs} ms after writes went on` : "by the Sentinels alone";
    return unknown(
      `${outcome.text}, but ${nameOf(this.#picture.place)} was told ${late}: some writes may be lost`,
    );
  }

  /** It ends its clients' connections in that moment, and may be slow to take new ones. */
  async #isPromoted(): Promise<boolean> {
    try {
      return (await this.#servers.info(this.#choice.target)).role === "master";
    } catch (error) {
      messageOf(error);
      return false;
    }
  }

  /** If it cannot be reached the Sentinels do it, some ten seconds later. */
  async #demote(target: Place): Promise<boolean> {
    try {
      await this.#servers.demote(this.#picture.place, target);
      return true;
    } catch (error) {
      this.#tools.output.note(`${messageOf(error)}: the Sentinels tell the old master, later`);
      return false;
    }
  }

  /** It is the master again, and takes writes. */
  async #takeBack(): Promise<void> {
    const { place } = this.#picture;
    try {
      if (this.#isFollowing) await this.#servers.call(place, ["SLAVEOF", "NO", "ONE"]);
      this.#isFollowing = false;
      await this.#servers.call(place, ["CLIENT", "UNPAUSE"]);
    } catch (error) {
      this.#tools.output.note(`${messageOf(error)}: it may have to be told SLAVEOF NO ONE`);
    }
  }
}
