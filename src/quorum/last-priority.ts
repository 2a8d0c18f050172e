/** No priority that is in use is so great. */
const LAST = 1_000_000_000;

/** Of those that shall not take over in a switch by hand: after all others, and it tells what it was. */
export function lastPriority(priority: number): number {
  return priority >= LAST ? priority : LAST + priority;
}

/** What it was; another one than it is: a switch by hand has set it, which is under way or was killed. */
export function priorityBefore(priority: number): number {
  return priority > LAST ? priority - LAST : priority;
}
