import { array, bulk, OK, type Reply } from "../../src/base/reply.ts";
import { ServerFailover } from "./server-failover.ts";

/** A server as another was told of it: by name where the cluster has names, else by address. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** No server has so many replicas. */
const BEYOND_REACH = 1_000_000_000;

/** What is unusual about a server, for tests. */
export class SimQuirks {
  /** It loads its data and refuses commands until then; null: it does not. */
  loadingUntil: number | null = null;
  /** It is older than 4.0, or of another make, and tells nothing of histories. */
  tellsHistory = true;
  /** The address of its master as it sees it, where that is another one than the Sentinels know. */
  shownMaster: Upstream | null = null;
  /** Before Redis 7 one that never had its master says the seconds since 1970 in place of -1. */
  isOld = false;
  infoTakesMs = 0;
  /** It shuts down, takes no writes, and ends then; null: it does not. */
  endsAt: number | null = null;
  /** Its own FAILOVER. */
  readonly failover = new ServerFailover();
  /** With fewer replicas it takes no write (min-replicas-to-write). */
  minReplicas = 0;
  /** Its file says that it takes no writes. */
  #isFencedInFile = false;

  /** A Sentinel has it take no writes (METHOD fence). */
  get isFenced(): boolean {
    return this.minReplicas >= BEYOND_REACH;
  }

  /** CONFIG GET and SET of `min-slaves-to-write`, and REWRITE of all. */
  config([, what, , value]: readonly string[]): Reply {
    if (what === "GET") {
      const pairs = ["min-slaves-to-write", `${this.minReplicas}`, "min-slaves-max-lag", "10"];
      return array(pairs.map(bulk));
    }
    if (what === "SET") this.minReplicas = Number(value);
    else this.#isFencedInFile = this.isFenced;
    return OK;
  }

  /** As a process that starts again. */
  forgetSettings(): void {
    if (this.isFenced && !this.#isFencedInFile) this.minReplicas -= BEYOND_REACH;
    this.endsAt = null;
  }

  /** Lines of INFO: its changes, and that it shuts down. */
  endInfo(now: number, changes: number): string {
    const end = this.endsAt === null ? "" : `shutdown_in_milliseconds:${this.endsAt - now}\r\n`;
    return `${end}rdb_changes_since_last_save:${changes}\r\n`;
  }

  /** What it answers to a command instead of doing it; null: it does it. */
  refuse: (args: readonly string[]) => Reply | null = () => null;
  /** The same as it does it, so also in a transaction. */
  fail: (args: readonly string[]) => Reply | null = () => null;
}
