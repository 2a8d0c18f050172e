import type { Reply } from "../../src/base/reply.ts";
import { ServerFailover } from "./server-failover.ts";

/** A server as another was told of it: by name where the cluster has names, else by address. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

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
  /** Its own FAILOVER. */
  readonly failover = new ServerFailover();
  /** With fewer replicas it takes no write (min-replicas-to-write). */
  minReplicas = 0;
  /** What it answers to a command instead of doing it; null: it does it. */
  refuse: (args: readonly string[]) => Reply | null = () => null;
  /** The same as it does it, so also in a transaction. */
  fail: (args: readonly string[]) => Reply | null = () => null;
}
