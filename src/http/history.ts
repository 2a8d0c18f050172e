import { bytesOf } from "../base/bytes.ts";
import { type Answer, type HttpHost, JSON_TYPE, plain } from "./host.ts";
import { UNKNOWN_MASTER } from "./probes.ts";
import { shown } from "./shown.ts";
import { SCHEMA } from "./status.ts";

const USUAL_COUNT = 100;
const MOST_COUNT = 1_000;

/** `/history`: the journal, the oldest entry first. Null: the Sentinel is still starting. */
export async function history(host: HttpHost, query: URLSearchParams): Promise<Answer | null> {
  const [count, since] = [numberOf(query.get("count")), numberOf(query.get("since"))];
  if (count === undefined || since === undefined) {
    return plain(400, "count and since are whole numbers; since is in milliseconds since 1970");
  }
  const name = query.get("name");
  const asked = host.history({
    name: name === null ? null : bytesOf(name),
    count: Math.min(count ?? USUAL_COUNT, MOST_COUNT),
    since: since ?? 0,
  });
  if (asked === null) return null;
  const lines = await asked;
  if (lines === null) return UNKNOWN_MASTER;
  const entries = lines.map(shown).join(",\n");
  const body = `{"schema":${SCHEMA},"at":${host.wallNow()},"entries":[\n${entries}\n]}\n`;
  return { status: 200, type: JSON_TYPE, body };
}

/** Null: not said; undefined: no number. */
function numberOf(text: string | null): number | null | undefined {
  if (text === null) return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
