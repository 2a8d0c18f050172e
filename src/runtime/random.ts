import { randomInt } from "node:crypto";
import type { Random } from "../core/random.ts";

/** The kernel's chance: ids must not collide between Sentinels, delays must not agree. */
export const systemRandom: Random = {
  below(bound) {
    return randomInt(bound);
  },
};
