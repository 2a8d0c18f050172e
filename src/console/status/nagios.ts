import type { Judged, LagLimits } from "../../quorum/judgement.ts";
import { nameOf } from "../../quorum/place.ts";
import { shown } from "../shown.ts";

const WORDS = ["OK", "WARNING", "CRITICAL"] as const;

/**
 * `SENTINEL OK - mymaster 10.0.0.1:6379, 3/3 sentinels, 1/2 replicas fit | lag=0B;1048576;10485760;0 usable=3;;;0`, as
 * the guidelines of Nagios' plug-ins have it. Of several masters each figure has the name in front.
 */
export function nagiosLine(judged: readonly Judged[], limits: LagLimits): string {
  if (judged.length === 0) return "SENTINEL UNKNOWN - no master is watched";
  const severity = judged.reduce((worst, { judgement }) => Math.max(worst, judgement.severity), 0);
  const texts = judged.map(summaryOf).join("; ");
  const figures = judged.map((one) => figuresOf(one, limits, judged.length > 1)).join(" ");
  // What stands behind the bar is for machines.
  return `SENTINEL ${WORDS[severity]} - ${texts.replaceAll("|", "/")} | ${figures}`;
}

function summaryOf({ picture, judgement }: Judged): string {
  const { name, place, usable, known, replicas } = picture;
  const fit = replicas.filter(({ unfit }) => unfit === null).length;
  const [worst] = judgement.troubles;
  return [
    `${shown(name)} ${shown(nameOf(place))}`,
    ...(worst === undefined ? [] : [shown(worst.text)]),
    `${usable}/${known} sentinels`,
    `${fit}/${replicas.length} replicas fit`,
  ].join(", ");
}

function figuresOf({ picture }: Judged, limits: LagLimits, isOneOfMany: boolean): string {
  const { name, replicas, usable, known } = picture;
  const label = (of: string) => quoted(isOneOfMany ? `${shown(name)}.${of}` : of);
  const lag = replicas.find(({ isNext }) => isNext)?.lagBytes ?? null;
  return [
    // U: there is no value.
    `${label("lag")}=${lag === null ? "U" : `${lag}B`};${limits.warnBytes};${limits.criticalBytes};0`,
    `${label("usable")}=${usable};;;0;${known}`,
  ].join(" ");
}

/** A label with a blank or an equals sign stands in quotes, and a quote within them is doubled. */
function quoted(label: string): string {
  return /[\s='|]/.test(label) ? `'${label.replaceAll("'", "''").replaceAll("=", "_")}'` : label;
}
