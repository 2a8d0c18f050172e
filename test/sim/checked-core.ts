import type { Sentinel } from "../../src/core/sentinel.ts";
import { checkWholeState } from "../../src/core/whole-state.ts";
import type { Machine } from "../../src/runtime/daemon.ts";

/** The whole state is looked at after so many steps; votes, epochs and addresses after each, by the core. */
const STEPS_OF_WHOLE_CHECK = 499;

/** A core whose whole state is looked at now and then: each seed comes upon other moments. */
export function checkedCore(core: Sentinel, onSaveAsked: () => void): Machine {
  let steps = 0;
  return {
    step: (input, now) => {
      const output = core.step(input, now);
      if (output.saveConfig) onSaveAsked();
      if (++steps % STEPS_OF_WHOLE_CHECK === 0) {
        checkWholeState(core.state, now, input.type === "tick");
      }
      return output;
    },
  };
}
