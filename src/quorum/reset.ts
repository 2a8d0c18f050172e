import type { MasterPicture } from "./picture.ts";
import { nameOf } from "./place.ts";

/** PING is answered once a second; who is silent for longer may be about to be called down. */
const SILENT_MS = 5_000;

/**
 * Why no Sentinel may be told SENTINEL RESET now; null: it may. RESET forgets the replicas, and only the INFO of a
 * master that lives names them again [RESET-FORGETS]: with a dead one nobody could be promoted any more.
 */
export function resetRisk({ witnesses }: MasterPicture): string | null {
  for (const { sight, asked } of witnesses) {
    const who = `Sentinel ${nameOf(asked.place)}`;
    if (sight.downMs !== null || sight.objectivelyDownMs !== null) {
      return `the master is down for ${who}`;
    }
    if (sight.answeredMs > SILENT_MS) return `the master does not answer ${who}`;
    if (sight.failoverState !== null) return `a failover goes on at ${who}`;
  }
  return null;
}
