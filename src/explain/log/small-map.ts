/**
 * Puts it last into a map of about so many: what was put in first is dropped. Some at a time, for each look at the
 * first of a map passes over all that was taken from its beginning.
 */
export function put<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) dropFirst(map, Math.ceil(most / 8));
}

/** The first ones of a map, which are taken out of it. */
export function dropFirst<K, V>(map: Map<K, V>, count: number): V[] {
  const dropped: V[] = [];
  for (const [key, value] of map) {
    if (dropped.length === count) break;
    dropped.push(value);
    map.delete(key);
  }
  return dropped;
}
