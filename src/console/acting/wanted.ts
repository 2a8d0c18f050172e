import type { MasterPicture } from "../../quorum/picture.ts";
import type { Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import type { Output } from "../output.ts";
import type { Deadline } from "./time.ts";

/** A switch that an operator wants. */
export interface Wanted {
  readonly picture: MasterPicture;
  /** Null: the Sentinel chooses. */
  readonly target: Place | null;
  /** A failover without the old master's help. */
  readonly isPlain: boolean;
  readonly isDryRun: boolean;
  /** Nobody is asked whether he is sure. */
  readonly isYes: boolean;
  readonly isJson: boolean;
  /** The answer of the Sentinel is enough. */
  readonly isOnlyAsked: boolean;
}

export interface Tools {
  readonly access: Access;
  readonly output: Output;
  readonly interrupted: AbortSignal;
  readonly deadline: Deadline;
}
