import { readdirSync, readFileSync } from "node:fs";
import { LINGERING_SOCKETS } from "../../server/accept.ts";
import type { Log } from "../log/log.ts";
import { StartError } from "../start-error.ts";

/** For links, saves, scripts and listeners, as many as the reference keeps back. */
const RESERVED = 32;

/** What the system lets this process have; null where it does not tell. */
interface Descriptors {
  readonly limit: number;
  /** Open already: Node's own, the standard streams, the log. */
  readonly inUse: number;
}

/** Node has raised the soft limit to the hard one when it started; there is no more to be had. */
export function readDescriptors(): Descriptors | null {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    // One of them reads the folder.
    return { limit, inUse: readdirSync("/proc/self/fd").length - 1 };
  } catch {
    return null;
  }
}

/**
 * How many clients there may be so that a Sentinel full of them can still reach its instances and
 * save its state (adjustOpenFilesLimit). Throws when that is none.
 */
export function affordableClients(
  maxclients: number,
  descriptors: Descriptors | null,
  log: Log,
): number {
  if (descriptors === null) return maxclients;
  const { limit, inUse } = descriptors;
  const overhead = inUse + LINGERING_SOCKETS + RESERVED;
  const affordable = limit - overhead;
  if (maxclients <= affordable) return maxclients;
  if (affordable < 1) {
    const advice = `Please increase your open file limit to at least ${overhead + 1}. Exiting.`;
    throw new StartError(
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. ${advice}`,
    );
  }
  tellReduced(log, { wanted: maxclients, overhead, limit, affordable });
  return affordable;
}

/** How many clients there may be at most; `descriptors` are those of the start, before there were any. */
export function mostClients(descriptors: Descriptors | null): number {
  if (descriptors === null) return Number.POSITIVE_INFINITY;
  return descriptors.limit - descriptors.inUse - LINGERING_SOCKETS - RESERVED;
}

/**
 * How many connections to servers and Sentinels there may be: half of what is free, for clients and links
 * share it.
 */
export function affordableLinks(descriptors: Descriptors | null): number {
  if (descriptors === null) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor((descriptors.limit - descriptors.inUse - RESERVED) / 2));
}

/** In the reference's words, which operators search for. */
function tellReduced(
  log: Log,
  {
    wanted,
    overhead,
    limit,
    affordable,
  }: Readonly<Record<"wanted" | "overhead" | "limit" | "affordable", number>>,
): void {
  const needed = wanted + overhead;
  const lines = [
    `You requested maxclients of ${wanted} requiring at least ${needed} max file descriptors.`,
    `Server can't set maximum open files to ${needed} because of OS error: Operation not permitted.`,
    `Current maximum open files is ${limit}. maxclients has been reduced to ${affordable} to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.`,
  ];
  for (const line of lines) log.write("warning", line);
}
