const OF_OTHERS = 0o007;
const OF_THE_GROUP = 0o070;
const READ_BY_THE_GROUP = 0o040;

/**
 * Whether others than we may read or change a file that holds a secret. Of somebody else's file, such as a mounted
 * secret, our group may read it: else we could not.
 */
export function isOpenToOthers({
  mode,
  uid,
}: {
  readonly mode: number;
  readonly uid: number;
}): boolean {
  const allowed = uid === process.getuid?.() ? 0 : READ_BY_THE_GROUP;
  return (mode & (OF_OTHERS | OF_THE_GROUP) & ~allowed) !== 0;
}
