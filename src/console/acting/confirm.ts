import { createInterface } from "node:readline/promises";
import type { Output } from "../output.ts";

/** Asks who sits at the terminal; a script is not asked. */
export async function confirms(
  output: Output,
  question: string,
  isYes: boolean,
  interrupted: AbortSignal,
): Promise<boolean> {
  if (isYes || !output.isTerminal || process.stdin.isTTY !== true) return true;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: interrupted });
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    if (interrupted.aborted) return false;
    throw error;
  } finally {
    reader.close();
  }
}
