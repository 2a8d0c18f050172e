import { NoAnswer, Refusal } from "../connect/errors.ts";
import { saveSentinel, saveServer } from "./account.ts";
import type { Group } from "./group.ts";
import type { Step } from "./plan.ts";

interface Outcome {
  /** As they are now. */
  readonly steps: readonly Step[];
  /** Why it stopped; null: all are done. */
  readonly trouble: string | null;
  readonly hasChanged: boolean;
}

/**
 * Takes the steps that are left, in order, up to the first that is refused. `note`: what the operator has to know,
 * once. In the end all write their files, for a run before may have been cut off before that.
 */
export async function perform(
  steps: readonly Step[],
  { servers, sentinels }: Group,
  interrupted: AbortSignal,
  note: (text: string) => void,
): Promise<Outcome> {
  const noted = new Set<string>();
  const noteOnce = (text: string) => {
    if (!noted.has(text)) note(text);
    noted.add(text);
  };
  const done = new Set(steps.filter(({ isDone }) => isDone));
  const before = done.size;
  let trouble: string | null = null;
  for (const step of steps.filter(({ isDone }) => !isDone)) {
    trouble = interrupted.aborted ? "interrupted" : await take(step, noteOnce);
    if (trouble !== null) break;
    done.add(step);
  }
  const saves: Pick<Step, "name" | "run">[] = [
    ...servers.map(({ name, client }) => ({ name, run: () => saveServer(client) })),
    ...sentinels.map(({ name, client }) => ({ name, run: () => saveSentinel(client) })),
  ];
  for (const save of saves) trouble ??= await take(save, noteOnce);
  const now = steps.map((step) => ({ ...step, isDone: done.has(step) }));
  return { steps: now, trouble, hasChanged: done.size > before };
}

/** Null, or why it could not be taken. */
async function take(
  step: Pick<Step, "name" | "run">,
  note: (text: string) => void,
): Promise<string | null> {
  try {
    const told = await step.run();
    if (told !== null) note(`${step.name}: ${told}`);
    return null;
  } catch (error) {
    if (error instanceof Refusal || error instanceof NoAnswer) {
      return `${step.name}: ${error.message}`;
    }
    throw error;
  }
}
