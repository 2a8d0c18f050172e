import { span } from "../explain/span.ts";
import { hasLostMaster, saysItIsReplica, silentFor } from "./fitness.ts";
import { pausedText } from "./paused.ts";
import type { MasterPicture } from "./picture.ts";
import { nameOf } from "./place.ts";

/** As Nagios counts: 0 fine, 1 warning, 2 critical. */
type Severity = 0 | 1 | 2;

/** What is wrong with a master, in a few words; the worst comes first. */
interface Trouble {
  readonly severity: Severity;
  readonly text: string;
}

/** Bytes that the next master would lack; from these on it is a warning, or critical. */
export interface LagLimits {
  readonly warnBytes: bigint;
  readonly criticalBytes: bigint;
}

export const DEFAULT_LAG_LIMITS: LagLimits = { warnBytes: 1n << 20n, criticalBytes: 10n << 20n };

/** What `status` says of a master: in one word, and why. */
export interface Judgement {
  readonly severity: Severity;
  readonly word: "OK" | "WARNING" | "DOWN" | "FAILOVER" | "CRITICAL";
  readonly troubles: readonly Trouble[];
}

export interface Judged {
  readonly picture: MasterPicture;
  readonly judgement: Judgement;
}

export function judge(picture: MasterPicture, limits: LagLimits): Judgement {
  const troubles = [
    ...masterTroubles(picture),
    ...quorumTroubles(picture),
    ...replicaTroubles(picture, limits),
    ...sentinelTroubles(picture),
  ].sort((a, b) => b.severity - a.severity);
  const [worst] = troubles;
  const severity = worst?.severity ?? 0;
  return { severity, word: wordOf(picture, severity), troubles };
}

function wordOf({ witness: { sight } }: MasterPicture, severity: Severity): Judgement["word"] {
  if (sight.failoverState !== null) return "FAILOVER";
  if (sight.downMs !== null) return "DOWN";
  return severity === 2 ? "CRITICAL" : severity === 1 ? "WARNING" : "OK";
}

function masterTroubles(picture: MasterPicture): Trouble[] {
  const { witness, witnesses, place } = picture;
  const { sight } = witness;
  const troubles: Trouble[] = [];
  const down = witnesses.filter((one) => one.sight.downMs !== null).length;
  if (sight.failoverState !== null) {
    troubles.push({ severity: 2, text: `failover: ${sight.failoverState}` });
  }
  if (down > 0) {
    // One in TILT judges nothing.
    const judges = witnesses.filter(({ isTilt }) => !isTilt).length;
    const severity = 2 * down > judges || sight.objectivelyDownMs !== null ? 2 : 1;
    troubles.push({ severity, text: `master down for ${down} of ${witnesses.length} Sentinels` });
  }
  const silentMs = silentFor(witnesses.map((one) => one.sight));
  if (silentMs !== null) {
    const [since, limit] = [silentMs, sight.downAfterMs].map(span);
    troubles.push({
      severity: 1,
      text: `the master has not answered for ${since}, and is down at ${limit}`,
    });
  }
  if (saysItIsReplica(sight)) {
    troubles.push({ severity: 2, text: "the master says that it is a replica" });
  }
  const others = witnesses.filter((one) => nameOf(one.sight) !== nameOf(place));
  if (others.length > 0) {
    const named = [...new Set(others.map((one) => nameOf(one.sight)))].join(", ");
    troubles.push({
      severity: 2,
      text: `${others.length} of ${witnesses.length} Sentinels name ${named}`,
    });
  }
  const paused = pausedText(picture);
  if (paused !== null) troubles.push({ severity: 1, text: `paused ${paused}` });
  return troubles;
}

function quorumTroubles({ witness, usable, known, majority }: MasterPicture): Trouble[] {
  const { quorum, quorumCheck } = witness.sight;
  if (usable < Math.max(majority, quorum)) {
    const needed = Math.max(majority, quorum);
    return [
      { severity: 2, text: `no quorum: ${usable} of ${known} Sentinels usable, ${needed} needed` },
    ];
  }
  // Ours refuses for more reasons than these: it cannot save, names differ.
  const isRefused = !quorumCheck.ok && quorumCheck.error.startsWith("NOQUORUM");
  return isRefused ? [{ severity: 2, text: quorumCheck.error }] : [];
}

function replicaTroubles({ replicas, witness }: MasterPicture, limits: LagLimits): Trouble[] {
  // During a failover nothing is fit, and that is no news.
  if (witness.sight.failoverState !== null) return [];
  const troubles: Trouble[] = [];
  const lost = replicas.filter((one) => hasLostMaster(one.sight, witness.sight)).length;
  if (lost > 0) {
    const text = `${lost} of ${replicas.length} replicas have lost their master`;
    troubles.push({ severity: 1, text });
  }
  const next = replicas.find(({ isNext }) => isNext);
  if (next === undefined) {
    const text =
      replicas.length > 1
        ? `none of ${replicas.length} replicas is fit`
        : replicas.length === 1
          ? "its only replica is not fit"
          : "no replica";
    return [{ severity: 2, text }, ...troubles];
  }
  const down = replicas.filter(({ downMs }) => downMs !== null).length;
  if (down > 0) troubles.push({ severity: 1, text: `${down} of ${replicas.length} replicas down` });
  const { lagBytes } = next;
  if (lagBytes !== null && lagBytes >= limits.warnBytes) {
    const severity = lagBytes >= limits.criticalBytes ? 2 : 1;
    troubles.push({ severity, text: `the next in line lacks ${lagBytes} bytes` });
  }
  return troubles;
}

function sentinelTroubles({ sentinels, witness, usable, majority }: MasterPicture): Trouble[] {
  const troubles: Trouble[] = [];
  const down = sentinels.filter((one) => one.isDownForMost).length;
  if (down > 0)
    troubles.push({ severity: 1, text: `${down} of ${sentinels.length} Sentinels down` });
  const silent = sentinels.filter((one) => one.error !== null && !one.isDownForMost).length;
  if (silent > 0)
    troubles.push({
      severity: 1,
      text: `${silent} of ${sentinels.length} Sentinels did not answer us`,
    });
  const tilted = sentinels.filter(({ isTilt }) => isTilt).length;
  if (tilted > 0)
    troubles.push({ severity: 1, text: `${tilted} of ${sentinels.length} Sentinels in TILT` });
  const unsaved = sentinels.filter(({ saveTrouble }) => saveTrouble !== null).length;
  if (unsaved > 0) {
    const isEnough = usable - unsaved >= majority;
    const rest = isEnough ? "" : ": no majority can vote";
    const text = `${unsaved} of ${sentinels.length} Sentinels cannot save${rest}`;
    troubles.push({ severity: isEnough ? 1 : 2, text });
  }
  const unheard = sentinels.filter(({ hookTrouble }) => hookTrouble !== null).length;
  if (unheard > 0)
    troubles.push({
      severity: 1,
      text: `${unheard} of ${sentinels.length} Sentinels have a webhook that takes nothing`,
    });
  if (witness.sight.refused.length > 0)
    troubles.push({ severity: 1, text: witness.sight.refused[0] ?? "" });
  return troubles;
}
