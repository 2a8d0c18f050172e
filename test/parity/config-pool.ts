/** Runs the work for every item, some at once, in their order; what failed, in words. */
export async function eachAtOnce<T>(
  count: number,
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<readonly string[]> {
  const failures: string[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [at, item] of queue) {
      try {
        await work(item, at);
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
  return failures;
}
