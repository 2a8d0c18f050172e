/**
 * An IPv4 address in one of the spellings that inet_aton reads and a C Sentinel therefore starts
 * with: fewer than four parts (`127.1`), parts in octal (a leading 0) or hexadecimal
 * [FILE-OLD-ADDRESS]. Its four
 * decimal parts; null for anything else.
 */
export function fromOldSpelling(host: string): string | null {
  const parts = host.split(".");
  if (parts.length > 4) return null;
  const numbers = parts.map(partOf);
  const last = numbers.pop();
  if (last === undefined || last === null) return null;
  // The last part stands for all bytes that are left.
  const bytesLeft = 4 - numbers.length;
  if (last >= 256 ** bytesLeft) return null;
  let value = last;
  for (const [at, number] of numbers.entries()) {
    if (number === null || number > 255) return null;
    value += number * 256 ** (3 - at);
  }
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function partOf(text: string): number | null {
  if (text.length > 40) return null;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : null;
}
