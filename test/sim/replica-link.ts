import type { SimDataset } from "./dataset.ts";
import { FullSync } from "./full-sync.ts";
import type { Upstream } from "./quirks.ts";

/** A silent master is given up after this; repl-timeout, which is 60 s, so that a life sees it. */
const REPL_TIMEOUT_MS = 10_000;

/** What a replica believes of its link to its master, and how it takes over what that one has. */
export class ReplicaLink {
  isUp = false;
  /** When it was lost, to whichever master; null: it never was up since the start, or since it was a master. */
  lostAt: number | null = null;
  readonly sync = new FullSync();
  #lastHeardAt = 0;

  /** It is told of another master, or of none. */
  change(wasReplica: boolean, isReplica: boolean, now: number): void {
    // A replica that changes its master lost the one before; a master never had one.
    if (!wasReplica) this.lostAt = null;
    else if (this.isUp) this.lostAt = now;
    this.isUp = false;
    if (isReplica) this.sync.link();
    else this.sync.forget();
  }

  restart(): void {
    this.isUp = false;
    this.lostAt = null;
    this.sync.forget();
  }

  /** Both are there. It is up unless a full sync has to come first. */
  hear(own: SimDataset, master: SimDataset, now: number): void {
    this.#lastHeardAt = now;
    if (!this.isUp && !this.sync.isNeeded(own, master)) this.isUp = true;
  }

  /** A dead master resets the connection; a silent one is missed after a while only. */
  miss(isReset: boolean, now: number): void {
    const isBusy = this.isUp || this.sync.isUnderWay;
    if (isBusy && (isReset || now - this.#lastHeardAt >= REPL_TIMEOUT_MS)) this.lose(now);
  }

  lose(now: number): void {
    if (this.isUp) this.lostAt = now;
    this.isUp = false;
    this.sync.link();
  }

  /** A round of replication. */
  takeOver(own: SimDataset, master: SimDataset, now: number): void {
    if (this.sync.proceed(own, master, now)) {
      if (this.isUp) this.lostAt = now;
      this.isUp = false;
    } else {
      this.isUp = true;
      own.follow(master);
    }
  }

  /** The lines of INFO of a server that has a master, by whichever address it shows. */
  infoOfReplica(
    { isOld, offset, priority }: { isOld: boolean; offset: number; priority: number },
    { host, port }: Upstream,
    now: number,
  ): string {
    return (
      `master_host:${host}\r\nmaster_port:${port}\r\n` +
      this.#info(isOld, now) +
      `slave_repl_offset:${this.sync.isHollow ? 1 : offset}\r\n` +
      `slave_priority:${priority}\r\nreplica_announced:1\r\n`
    );
  }

  /** The link alone. Before Redis 7 a link that never was is down since 1970. */
  #info(isOld: boolean, now: number): string {
    const { sync, lostAt, isUp } = this;
    const never = isOld ? 1_732_000_000 : -1;
    const lostSeconds = lostAt === null ? never : Math.floor((now - lostAt) / 1_000);
    return (
      `master_link_status:${isUp ? "up" : "down"}\r\n` +
      (isUp ? "" : `master_link_down_since_seconds:${lostSeconds}\r\n`) +
      (sync.isTransferring(now) ? "master_sync_in_progress:1\r\n" : "")
    );
  }
}
