import { type InfoReport, parseInfo } from "../core/info.ts";
import { versionOf } from "../view/version.ts";
import { nameOf, type Place } from "./place.ts";
import { infoFields } from "./rows.ts";
import type { CachedInfo } from "./sight.ts";

/** What a server's INFO tells, beside what the core reads in it. */
export interface ServerFacts {
  readonly ageMs: number;
  readonly report: InfoReport;
  /** `7.0.15`, `valkey 8.1.0`; null: it tells none. */
  readonly version: string | null;
  /** All its lines. */
  readonly fields: ReadonlyMap<string, string>;
  /** Of a master: how far each of its replicas has confirmed, by `host:port`. */
  readonly confirmed: ReadonlyMap<string, bigint>;
}

export function factsOf(info: CachedInfo | null): ServerFacts | null {
  if (info === null) return null;
  const fields = infoFields(info.text);
  return {
    ageMs: info.ageMs,
    report: parseInfo(info.text),
    version: versionOf(info.text),
    fields,
    confirmed: confirmedOffsets(fields),
  };
}

const REPLICA_LINE = /^ip=([^,]*),port=(\d{1,5}),state=online,offset=(\d{1,19}),/;

function confirmedOffsets(fields: ReadonlyMap<string, string>): ReadonlyMap<string, bigint> {
  const offsets = new Map<string, bigint>();
  for (const [name, value] of fields) {
    const [, host, port, offset] = /^slave\d+$/.test(name) ? (REPLICA_LINE.exec(value) ?? []) : [];
    if (host === undefined || offset === undefined) continue;
    offsets.set(nameOf({ host, port: Number(port) }), BigInt(offset));
  }
  return offsets;
}

/**
 * How many bytes of the master's stream a replica lacks; null: not known. What the master itself says of both is of
 * one moment. Two INFOs are of two: up to ten seconds of writes may lie between them.
 */
export function lagOf(
  master: ServerFacts | null,
  replica: ServerFacts | null,
  at: Place,
): bigint | null {
  const own = master?.report.history;
  if (master === null || !own) return null;
  const confirmed = master.confirmed.get(nameOf(at));
  if (confirmed !== undefined && master.report.role === "master")
    return behind(own.offset, confirmed);
  const history = replica?.report.history;
  if (!history || history.id !== own.id) return null;
  return behind(own.offset, replica?.report.replOffset ?? history.offset);
}

function behind(offset: bigint, reached: bigint): bigint {
  return reached < offset ? offset - reached : 0n;
}
