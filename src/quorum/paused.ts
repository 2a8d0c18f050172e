import type { MasterPicture } from "./picture.ts";

/** That failovers of a master are paused, be it at one Sentinel alone: `for 299 s: new disks`; null: nowhere. */
export function pausedText({ witnesses }: MasterPicture): string | null {
  const paused = witnesses.flatMap(({ sight: { pause } }) => pause ?? []);
  const [last] = paused.sort((a, b) => b.leftMs - a.leftMs);
  if (last === undefined) return null;
  const where =
    paused.length < witnesses.length ? `at ${paused.length} of ${witnesses.length} Sentinels ` : "";
  const reason = last.reason === "" ? "" : `: ${last.reason}`;
  return `${where}for ${Math.ceil(last.leftMs / 1_000)} s${reason}`;
}
