import type { Reply } from "../../src/base/reply.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import { FORCED_VOTES_MS } from "../../src/core/defaults.ts";
import type { Effect } from "../../src/core/effect.ts";
import { isVoteKnown } from "../../src/core/election.ts";
import type { Failover, Master, Millis, SentinelState } from "../../src/core/state.ts";
import { type Fact, sentinelOfId, serverAddress, type View } from "./model.ts";
import type { Setting } from "./process.ts";

const MARK = " | ";
/** Events that say what an election came to. */
const MARKED = new Set(["+elected-leader", "+promoted-slave", "+config-settled"]);

/** What the Sentinel itself said. */
export function unmarked(payload: string): string {
  return payload.split(MARK)[0] ?? "";
}

/**
 * What one Sentinel says and saves, judged as far as it alone can break it; what only all of them
 * together can break is told as a fact.
 */
export class Claims {
  violation: string | null = null;
  readonly #setting: Setting;
  readonly #view: View;
  readonly #facts: Fact[];

  constructor(setting: Setting, view: View, facts: Fact[]) {
    this.#setting = setting;
    this.#view = view;
    this.#facts = facts;
  }

  fail(what: string): void {
    this.violation ??= what;
  }

  /**
   * An event is heard after the save, when its failover may be over: what it was about is noted when
   * it was concluded.
   */
  mark(state: SentinelState, effect: Effect, now: Millis): Effect {
    if (effect.type !== "event" || !MARKED.has(effect.name)) return effect;
    const master = this.#masterIn(state, effect.payload);
    if (!master) return effect;
    const { failover, configEpoch } = master;
    const epoch = effect.name === "+config-settled" ? configEpoch : (failover?.epoch ?? 0n);
    const forced = failover?.forced === true;
    const excused = forced && !this.#mustHearAll(master, failover, now);
    const words = [epoch, forced ? "forced" : "-", excused ? "excused" : "-"];
    return { ...effect, payload: `${effect.payload}${MARK}${words.join(" ")}` };
  }

  /**
   * A forced failover owns its epoch once all others have told their votes in it [I6]. Excused is who cannot
   * hear somebody, or has waited for his vote for as long as an operator has to wait.
   */
  #mustHearAll({ sentinels }: Master, { stepSince, epochSince, epoch }: Failover, now: Millis) {
    const isPatient = now - Math.max(stepSince, epochSince) > FORCED_VOTES_MS;
    return [...sentinels.values()].every((peer) => {
      const isRunning = this.#view.peers[sentinelOfId(peer.runId)]?.isRunning === true;
      const isReached = isRunning && peer.link.command?.up === true && !peer.sdown;
      return isReached && (isVoteKnown(peer, epoch) || !isPatient);
    });
  }

  #masterIn(state: SentinelState, payload: string): Master | undefined {
    const words = payload.split(" ");
    const at = words.indexOf("@");
    return state.masters.get((at < 0 ? words[1] : words[at + 1]) ?? "");
  }

  #group(name: string): number {
    return this.#setting.names.indexOf(name);
  }

  hearEvent(state: SentinelState, name: string, payload: string, disk: SentinelConfig): void {
    if (name === "+vote-for-leader") return this.#hearVote(state, payload, disk);
    const [text = "", marks = ""] = payload.split(MARK);
    const [epoch = "", force, excuse] = marks.split(" ");
    const words = text.split(" ");
    const at = words.indexOf("@");
    const group = this.#group((at < 0 ? words[1] : words[at + 1]) ?? "");
    switch (name) {
      case "+elected-leader":
        if (force !== "forced") this.#elected(group, epoch, words[2] ?? "", disk);
        return;
      case "+promoted-slave":
        return this.#named(group, epoch, words[2] ?? "", excuse === "excused");
      case "+config-settled":
        this.#elected(group, epoch, words[2] ?? "", disk);
        return this.#named(group, epoch, words[2] ?? "", false);
      case "+odown":
        this.#facts.push({
          kind: "odown",
          address: words[2] ?? "",
          quorum: Number(words.at(-1)?.split("/")[1]),
        });
        return;
      case "+sdown":
        if (words[0] === "master") this.#facts.push({ kind: "said-down", address: words[2] ?? "" });
        return;
      default:
    }
  }

  /** It tells no name: all that were voted about so. */
  #hearVote({ masters }: SentinelState, payload: string, disk: SentinelConfig): void {
    const [leader = "", epoch = "0"] = payload.split(" ");
    for (const master of masters.values()) {
      if (master.leader !== leader || master.leaderEpoch !== BigInt(epoch)) continue;
      this.#voted(this.#group(master.name), leader, epoch, disk);
    }
  }

  #elected(group: number, epoch: string, address: string, { masters }: SentinelConfig): void {
    const saved = masters[group]?.leaderEpoch ?? 0n;
    this.#facts.push({ kind: "elected", group, epoch, address, ownVote: saved >= BigInt(epoch) });
  }

  #named(group: number, epoch: string, address: string, excused: boolean): void {
    this.#facts.push({ kind: "named", group, epoch, address, excused });
  }

  #voted(group: number, leader: string, epoch: string, { masters }: SentinelConfig): void {
    const saved = masters[group]?.leaderEpoch ?? 0n;
    if (saved < BigInt(epoch)) {
      this.fail(`I2: a vote of epoch ${epoch} was told, and the file has ${saved}`);
    }
    this.#facts.push({ kind: "voted", group, epoch, leader: sentinelOfId(leader) });
  }

  /** A vote that leaves the process binds it for ever. Votes are by address. */
  hearReply(groups: readonly number[], reply: Reply, disk: SentinelConfig): void {
    if (reply.type !== "array") return;
    const [, leader, epoch] = reply.items;
    if (leader?.type !== "bulk" || leader.text === "*" || epoch?.type !== "integer") return;
    for (const group of groups) this.#voted(group, leader.text, `${epoch.value}`, disk);
  }

  /** A server is told to be the master, for each name whose failover chose it. */
  promotes({ masters }: SentinelState, server: string): void {
    let names = 0;
    for (const { name, failover } of masters.values()) {
      const chosen = failover?.promoted?.address;
      if (!failover || `${chosen?.ip}:${chosen?.port}` !== server) continue;
      const { epoch, forced } = failover;
      this.#facts.push({ kind: "promotes", group: this.#group(name), epoch: `${epoch}`, forced });
      names++;
    }
    if (names === 0) this.fail("I5: a promotion without a failover");
  }

  /** What is asked and announced stands in the file [I2]. */
  checkSaid(state: SentinelState | null, args: readonly string[], disk: SentinelConfig): void {
    if (state === null) return;
    if (args[0] === "PUBLISH") return this.#checkHello(args[2] ?? "", disk);
    if (args[1] !== "is-master-down-by-addr" || args[5] === "*") return;
    const epoch = BigInt(args[4] ?? "0");
    if (disk.masters.some(({ leaderEpoch }) => leaderEpoch >= epoch)) return;
    this.fail(`I2: votes of epoch ${epoch} are asked for before our own is in the file`);
  }

  #checkHello(text: string, { currentEpoch, masters }: SentinelConfig): void {
    const [, , , epoch = "0", name, host, port, configEpoch = "0"] = text.split(",");
    const saved = masters.find((one) => one.name === name);
    if (BigInt(epoch) > currentEpoch) {
      this.fail(`I2: a hello says epoch ${epoch}, and the file has ${currentEpoch}`);
    }
    const [group, address] = [this.#group(name ?? ""), `${host}`];
    this.#facts.push({ kind: "says", group, epoch: configEpoch, address });
    // It was made before the save that it waited for: older than the file, perhaps.
    if (!saved || BigInt(configEpoch) < saved.configEpoch) return;
    const isSame = saved.configEpoch === BigInt(configEpoch);
    if (isSame && saved.host === host && `${saved.port}` === port) return;
    const file = `${saved.host} in ${saved.configEpoch}`;
    this.fail(`I2: a hello names ${host} in config epoch ${configEpoch}, and the file ${file}`);
  }

  /** Epochs in the file never fall [I3] [I4], and an address changes with its epoch only [I6]. */
  checkSave(before: SentinelConfig, now: SentinelConfig): void {
    const mustRise = (what: string, from: bigint, to: bigint) => {
      if (to < from) this.fail(`${what} fell from ${from} to ${to}`);
    };
    mustRise("I3: the epoch", before.currentEpoch, now.currentEpoch);
    for (const [index, master] of now.masters.entries()) {
      const old = before.masters[index];
      if (!old) continue;
      mustRise(`I4: the config epoch of ${master.name}`, old.configEpoch, master.configEpoch);
      mustRise(`I1: the epoch voted in for ${master.name}`, old.leaderEpoch, master.leaderEpoch);
      const isMoved = old.host !== master.host && old.configEpoch === master.configEpoch;
      if (isMoved && !this.#hasJoined(old.host, master.host)) {
        const what = `${old.host} became ${master.host}`;
        this.fail(`I6: in config epoch ${master.configEpoch} of ${master.name} ${what}`);
      }
      if (master.replicas.some(({ host }) => host === master.host)) {
        this.fail(`I9: ${master.host} is the replica of itself in the file`);
      }
    }
  }

  /** A disagreement may end so that one joins the other, whom its server follows already (settle.ts). */
  #hasJoined(from: string, to: string): boolean {
    const { servers } = this.#view;
    const old = servers.find(({ ip }) => ip === from);
    const upstream = old?.follows == null ? undefined : servers[old.follows];
    return upstream !== undefined && serverAddress(upstream) === `${to}:6379`;
  }
}
