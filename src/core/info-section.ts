import { shownHost } from "./address.ts";
import { runningScripts } from "./scripts.ts";
import type { Master, Millis, SentinelState } from "./state.ts";

/** What a Sentinel says that cannot put its state on disk [D-SAVE-STATUS]. */
export const CANNOT_SAVE = "cannot save: gives no votes";

/** The `# Sentinel` section of INFO, its heading included, every line ended by CRLF. */
export function infoSection(state: SentinelState, now: Millis): string {
  const { tiltSince, scripts } = state;
  const tiltSeconds = tiltSince === null ? -1 : Math.floor((now - tiltSince) / 1000);
  const lines = [
    "# Sentinel",
    `sentinel_masters:${state.masters.size}`,
    `sentinel_tilt:${tiltSince === null ? 0 : 1}`,
    `sentinel_tilt_since_seconds:${tiltSeconds}`,
    // Of Redis 8 and Valkey 9.
    `sentinel_total_tilt:${state.tiltCount}`,
    `sentinel_running_scripts:${runningScripts(scripts)}`,
    `sentinel_scripts_queue_length:${scripts.length}`,
    `sentinel_simulate_failure_flags:${failureFlags(state)}`,
    ...[...state.masters.values()].map((master, index) => masterLine(state, master, index)),
    // Ours, so behind what the reference has.
    `sentinel_save_status:${state.saveFailedAt === null ? "ok" : CANNOT_SAVE}`,
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** What SENTINEL SIMULATE-FAILURE asked for, as bits. */
export function failureFlags({ simulateFailure }: SentinelState): number {
  return Number(simulateFailure.afterElection) + 2 * Number(simulateFailure.afterPromotion);
}

function masterLine(state: SentinelState, master: Master, index: number): string {
  const status = (master.odown && "odown") || (master.sdown && "sdown") || "ok";
  const address = `${shownHost(state.settings, master.address)}:${master.address.port}`;
  return (
    `master${index}:name=${master.name},status=${status},address=${address},` +
    `slaves=${master.replicas.size},sentinels=${master.sentinels.size + 1}`
  );
}
