interface Vote {
  readonly candidate: string;
  readonly epoch: string;
}

/**
 * What is wrong with the votes that one Sentinel gave, over all its processes. A line names
 * candidate and epoch, not the master: with several masters an epoch may see as many votes.
 */
export function wrongVotes(lines: readonly string[], masters: number): readonly string[] {
  const byEpoch = new Map<string, string[]>();
  for (const { candidate, epoch } of votesIn(lines)) {
    const candidates = byEpoch.get(epoch) ?? [];
    byEpoch.set(epoch, [...candidates, candidate]);
  }
  return [...byEpoch]
    .filter(([, candidates]) => candidates.length > masters)
    .map(([epoch, candidates]) => `epoch ${epoch}: voted for ${candidates.join(" and ")}`);
}

function votesIn(lines: readonly string[]): readonly Vote[] {
  return lines.flatMap((line) => {
    const [, candidate, epoch] = /\+vote-for-leader (\w{40}) (\d+)/.exec(line) ?? [];
    return candidate === undefined || epoch === undefined ? [] : [{ candidate, epoch }];
  });
}
