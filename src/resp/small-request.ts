const CR = 0x0d;
const DOLLAR = 0x24;
const ZERO = 0x30;

/**
 * Where the array of strings that begins at `from` ends, if it is whole, well formed, and so small
 * that no limit concerns it: nine strings of 99 bytes at most. Otherwise -1, which says nothing:
 * the guard finds out what it is.
 */
export function smallRequestEnd(bytes: Buffer, from: number, end: number): number {
  const count = digitAt(bytes, from + 1);
  if (count < 1 || bytes[from + 2] !== CR) return -1;
  // As in the guard, the byte after a CR is not looked at.
  let at = from + 4;
  for (let left = count; left > 0; left--) {
    if (bytes[at] !== DOLLAR) return -1;
    let length = digitAt(bytes, at + 1);
    if (length < 0) return -1;
    let cr = at + 2;
    if (bytes[cr] !== CR) {
      const second = digitAt(bytes, cr);
      cr += 1;
      if (length === 0 || second < 0 || bytes[cr] !== CR) return -1;
      length = length * 10 + second;
    }
    at = cr + 2 + length + 2;
  }
  // Positions only rise: if the last byte has come, so have all that were looked at.
  return at <= end ? at : -1;
}

function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit <= 9 ? digit : -1;
}
