import type { MasterPicture } from "../../quorum/picture.ts";
import { isSame } from "../../quorum/place.ts";

/**
 * The Sentinel that is told to fail over, ours first; null: none is fit for it. One that is behind would move the wrong
 * master, and a C Sentinel in TILT does it when that ends, half a minute later, when nothing is held back any more.
 */
export function whomToTell({
  place,
  witness,
  witnesses,
}: MasterPicture): MasterPicture["witness"] | null {
  const { configEpoch } = witness.sight;
  const fit = witnesses.filter(
    ({ isTilt, sight }) => !isTilt && sight.configEpoch === configEpoch && isSame(sight, place),
  );
  return fit.find(({ program }) => program.isOurs) ?? fit[0] ?? null;
}
