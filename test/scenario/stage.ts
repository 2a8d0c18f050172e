import assert from "node:assert/strict";
import type { Reply } from "../../src/base/reply.ts";
import { currentAddress } from "../../src/core/records.ts";
import type { CSentinel } from "../sim/c-model/c-sentinel.ts";
import { textOf } from "../sim/c-model/records.ts";
import { type ClusterOptions, masterOf, SimCluster } from "../sim/cluster.ts";
import { SimRedis } from "../sim/redis.ts";
import { SimSentinel } from "../sim/sentinel-process.ts";
import type { Command } from "./script.ts";
import { Trace } from "./trace.ts";

/** What a script waits for comes within this, or the script is wrong. */
const PATIENCE_MS = 600_000;
/** In rounds of replication of 50 ms. */
const LAG_ROUNDS = 100;

type Verb = (stage: Stage, ...words: string[]) => void;

/** Each command of the script language, as it stands in a file. */
const VERBS: readonly (readonly [form: RegExp, verb: Verb])[] = [
  [/^kill (\S+)$/, (stage, name) => stage.kill(name)],
  [/^restart (\S+)$/, (stage, name) => stage.restart(name)],
  [/^stop (\S+)$/, (stage, name) => stage.stop(name, true)],
  [/^continue (\S+)$/, (stage, name) => stage.stop(name, false)],
  [/^cut (.+) from (.+)$/, (stage, some, others) => stage.cut(some, others)],
  [/^heal all cuts$/, (stage) => stage.cluster.network.heal()],
  [/^fill the disk of (\S+)$/, (stage, name) => stage.fillDisk(name, true)],
  [/^free the disk of (\S+)$/, (stage, name) => stage.fillDisk(name, false)],
  [/^let (\S+) lag$/, (stage, name) => stage.lag(name)],
  [/^write (\d+) times to (\S+)$/, (stage, times, name) => stage.write(Number(times), name)],
  [/^ask (\S+): (.+)$/, (stage, name, words) => stage.ask(name, words.split(" "))],
  [/^kill whoever says (\S+) next$/, (stage, event) => stage.killAt(event, 0)],
  [
    /^kill whoever says (\S+) next, (\d+) ms later$/,
    (stage, event, laterMs) => stage.killAt(event, Number(laterMs)),
  ],
  [/^kill (\S+) before its next save$/, (stage, name) => stage.killBeforeSave(name)],
  [/^run for (\d+)$/, (stage, spanMs) => stage.cluster.clock.advance(Number(spanMs))],
  [/^wait for (\S+)$/, (stage, event) => stage.waitFor(event)],
  [/^wait until all agree$/, (stage) => stage.waitUntilAllAgree()],
];

const OPTIONS: readonly (readonly [form: RegExp, option: keyof ClusterOptions])[] = [
  [/^(\d+) sentinels?$/, "sentinels"],
  [/^(\d+) C sentinels?$/, "cSentinels"],
  [/^(\d+) replicas?$/, "replicas"],
  [/^quorum (\d+)$/, "quorum"],
  [/^down-after (\d+)$/, "downAfterMs"],
  [/^failover-timeout (\d+)$/, "failoverTimeoutMs"],
  [/^parallel-syncs (\d+)$/, "parallelSyncs"],
  [/^latency (\d+)$/, "maxLatencyMs"],
  [/^seed (\d+)$/, "seed"],
];

/** Performs a script on a simulated cluster, and tells what happened. */
export function perform(commands: readonly Command[]): string {
  const [first, ...others] = commands;
  const stage = new Stage(readOptions(first?.words ?? ""));
  try {
    for (const command of others) stage.do(command);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${stage.trace.text}`);
  }
  stage.tellEnd();
  return stage.trace.text;
}

function readOptions(words: string): Partial<ClusterOptions> {
  const [, list] = /^cluster: (.+)$/.exec(words) ?? [];
  assert.ok(list, `a script begins with "cluster: ...", not with "${words}"`);
  const options = list.split(", ").map((item) => {
    for (const [form, option] of OPTIONS) {
      const found = form.exec(item);
      if (found) return [option, Number(found[1])];
    }
    return assert.fail(`a cluster has no "${item}"`);
  });
  return Object.fromEntries(options);
}

class Stage {
  readonly cluster: SimCluster;
  readonly trace: Trace;
  #writes = 0;

  constructor(options: Partial<ClusterOptions>) {
    this.cluster = new SimCluster(options);
    this.cluster.settle();
    this.trace = new Trace(this.cluster);
  }

  do({ atMs, words }: Command): void {
    if (atMs !== null) {
      assert.ok(atMs >= this.trace.now, `"at ${atMs} ${words}" is in the past`);
      this.cluster.clock.advance(atMs - this.trace.now);
    }
    for (const [form, verb] of VERBS) {
      const found = form.exec(words);
      if (!found) continue;
      if (!/^(wait|run) /.test(words)) this.trace.say("script", words);
      verb(this, ...found.slice(1));
      return;
    }
    assert.fail(`no script says "${words}"`);
  }

  kill(name: string): void {
    const one = this.#find(name);
    if (one instanceof SimRedis) this.cluster.network.kill(one);
    else one.crash();
  }

  restart(name: string): void {
    const one = this.#find(name);
    assert.ok(!one.isRunning, `${name} runs`);
    if (one instanceof SimRedis) one.restart();
    else one.start();
  }

  stop(name: string, isStopped: boolean): void {
    this.#find(name).isStopped = isStopped;
  }

  cut(some: string, others: string): void {
    const inside = this.#addresses(some);
    const outside = others === "the rest" ? this.#addressesExcept(inside) : this.#addresses(others);
    for (const one of inside) {
      for (const other of outside) this.cluster.network.cut(one, other);
    }
  }

  #addresses(names: string): readonly string[] {
    return names.split(", ").map((name) => this.#find(name).address);
  }

  #addressesExcept(some: readonly string[]): readonly string[] {
    const all = [...this.#servers, ...this.cluster.allSentinels].map(({ address }) => address);
    return all.filter((address) => !some.includes(address));
  }

  fillDisk(name: string, isFull: boolean): void {
    this.#sentinel(name).disk.isFull = isFull;
  }

  lag(name: string): void {
    this.#server(name).lagRounds = LAG_ROUNDS;
  }

  write(times: number, name: string): void {
    const server = this.#server(name);
    const taken = Array.from({ length: times }, () => server.write(++this.#writes));
    this.trace.say(name, `takes ${taken.filter(Boolean).length}, and holds ${server.offset}`);
  }

  ask(name: string, words: readonly string[]): void {
    this.#sentinel(name).command(words, (reply) => this.trace.say(name, `answers ${tell(reply)}`));
  }

  /** In the very moment of the event, what was to follow from it does not, and nothing that was sent arrives. */
  killAt(event: string, laterMs: number): void {
    let isArmed = true;
    for (const sentinel of this.cluster.allSentinels) {
      const kill = () => {
        this.trace.say("script", `kills ${sentinel.address}`);
        sentinel.crash();
      };
      sentinel.onEvent.push(({ name }) => {
        if (name !== event || !isArmed) return;
        isArmed = false;
        if (laterMs === 0) kill();
        else this.cluster.clock.after(laterMs, kill);
      });
    }
  }

  killBeforeSave(name: string): void {
    this.#sentinel(name).crashBeforeSave = true;
  }

  waitFor(event: string): void {
    let isHeard = false;
    for (const { onEvent } of this.cluster.allSentinels) {
      onEvent.push(({ name }) => {
        if (name === event) isHeard = true;
      });
    }
    const isSoon = this.cluster.clock.advanceUntil(() => isHeard, PATIENCE_MS);
    assert.ok(isSoon, `nobody says ${event}`);
  }

  /** All that run name one master, and every server that runs follows it. */
  waitUntilAllAgree(): void {
    const isWhole = () => {
      const living = this.#servers.filter(({ isRunning }) => isRunning);
      const master = living.find((one) => one.role === "master" && this.cluster.agreesOn(one));
      return master && living.every((one) => one === master || one.master === master);
    };
    const isSoon = this.cluster.clock.pollUntil(() => isWhole() === true, 10, PATIENCE_MS);
    assert.ok(isSoon, "they do not agree");
  }

  /** Who is what in the end. */
  tellEnd(): void {
    for (const [index, server] of this.#servers.entries()) {
      const { isRunning, role, master, offset } = server;
      const what = role === "master" ? "is a master" : `follows ${master?.address}`;
      const writes = this.#writes > 0 ? `, and holds ${offset} writes` : "";
      this.trace.say(`redis-${index + 1}`, isRunning ? `${what}${writes}` : "is dead");
    }
    for (const [index, sentinel] of this.cluster.sentinels.entries()) {
      const master = masterOf(sentinel);
      const { host, port } = currentAddress(master);
      const what = `names ${host}:${port}, config epoch ${master.configEpoch}`;
      this.trace.say(`sentinel-${index + 1}`, sentinel.isRunning ? what : "is dead");
    }
    this.#tellEndOfC();
  }

  #tellEndOfC(): void {
    for (const [index, { isRunning, state }] of this.cluster.cSentinels.entries()) {
      const who = `c-sentinel-${index + 1}`;
      for (const { address, configEpoch } of state.masters.values()) {
        const what = `names ${textOf(address)}, config epoch ${configEpoch}`;
        this.trace.say(who, isRunning ? what : "is dead");
      }
    }
  }

  get #servers(): readonly SimRedis[] {
    return [...this.cluster.servers.values()];
  }

  #find(name: string): SimRedis | SimSentinel | CSentinel {
    const [, kind = "", number] = /^(redis|sentinel|c-sentinel)-(\d+)$/.exec(name) ?? [];
    const { sentinels, cSentinels } = this.cluster;
    const all = new Map<string, readonly (SimRedis | SimSentinel | CSentinel)[]>([
      ["redis", this.#servers],
      ["sentinel", sentinels],
      ["c-sentinel", cSentinels],
    ]);
    const found = all.get(kind)?.[Number(number) - 1];
    assert.ok(found, `nobody is called ${name}`);
    return found;
  }

  #server(name: string): SimRedis {
    const found = this.#find(name);
    assert.ok(found instanceof SimRedis, `${name} is no server`);
    return found;
  }

  #sentinel(name: string): SimSentinel {
    const found = this.#find(name);
    assert.ok(found instanceof SimSentinel, `${name} is no Sentinel`);
    return found;
  }
}

function tell(reply: Reply): string {
  if (reply.type === "status" || reply.type === "error") return reply.text;
  return JSON.stringify(reply);
}
