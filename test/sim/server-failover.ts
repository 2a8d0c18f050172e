import { error, OK, type Reply } from "../../src/base/reply.ts";

/** The two servers of a FAILOVER, as far as it concerns it. */
interface Party {
  readonly host: string;
  readonly port: number;
  readonly offset: number;
  readonly role: "master" | "slave";
  readonly master: Party | undefined;
  readonly isLinked: boolean;
  upstream: { readonly host: string; readonly port: number } | null;
  onPromoted(): void;
  pauseWrites(spanMs: number): void;
}

/**
 * FAILOVER TO host port TIMEOUT ms of a server: it waits until the target has all that it has, becomes its replica, and
 * the target a master. Writes are held back meanwhile.
 */
export class ServerFailover {
  #target: Party | null = null;
  #endsAt = 0;
  /** A state that does not end by itself: the target never takes over. */
  isStuck = false;

  get isOn(): boolean {
    return this.#target !== null || this.isStuck;
  }

  /** A line of INFO. */
  get info(): string {
    const state = this.isOn ? "waiting-for-sync" : "no-failover";
    return `master_failover_state:${state}\r\n`;
  }

  /** As a process that starts has none. */
  forget(): void {
    this.#target = null;
    this.isStuck = false;
  }

  /** `ABORT`, or `TO host port TIMEOUT ms`; `replicas` are those that follow it. */
  order(self: Party, args: readonly string[], replicas: Iterable<Party>, now: number): Reply {
    if (args[1] === "ABORT") return this.#abort();
    if (this.isOn) return error("ERR FAILOVER already in progress.");
    if (self.role === "slave") return error("ERR FAILOVER is not valid when server is a replica.");
    const [host, port, timeoutMs] = [args[2], Number(args[3]), Number(args[5])];
    const isIt = (one: Party) => one.host === host && one.port === port && one.isLinked;
    const target = [...replicas].find(isIt);
    if (!target) return error("ERR FAILOVER target HOST and PORT is not a replica.");
    this.#target = target;
    this.#endsAt = now + timeoutMs;
    self.pauseWrites(timeoutMs);
    return OK;
  }

  #abort(): Reply {
    if (!this.isOn) return error("ERR No failover in progress.");
    this.forget();
    return OK;
  }

  /** In each round of replication. */
  look(self: Party, now: number): void {
    const target = this.#target;
    if (!target) return;
    const isReached = target.master === self && target.isLinked && target.offset === self.offset;
    if (isReached) this.#switch(self, target);
    else if (now >= this.#endsAt) this.#target = null;
  }

  #switch(self: Party, target: Party): void {
    this.#target = null;
    target.upstream = null;
    self.upstream = { host: target.host, port: target.port };
    target.onPromoted();
  }
}
