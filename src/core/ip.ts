/** IPv4 in four decimal parts, each 0..255 without leading zeros. */
function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** The eight 16-bit groups of an IPv6 address, or null. A trailing IPv4 part counts as two. */
function ipv6Groups(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const sides = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  const [left, right] = sides;
  if (!left || (halves.length === 2 && !right)) return null;
  if (!right) return left.length === 8 ? left : null;
  const missing = 8 - left.length - right.length;
  return missing < 1 ? null : [...left, ...new Array<number>(missing).fill(0), ...right];
}

function groupsOf(side: string, isLast: boolean): number[] | null {
  if (side === "") return [];
  const groups: number[] = [];
  const words = side.split(":");
  for (const [index, word] of words.entries()) {
    if (isLast && index === words.length - 1 && isIpv4(word)) {
      const [a = 0, b = 0, c = 0, d = 0] = word.split(".").map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else return null;
  }
  return groups;
}

/** Canonical text (RFC 5952): the longest run of two or more zero groups becomes `::`. */
function ipv6Text(groups: readonly number[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

/**
 * The canonical text of a numeric address, so that two spellings of one address compare equal;
 * null for a host name. An IPv4-mapped IPv6 address stays IPv6, and so does a zone (`%eth0`).
 */
export function parseIp(text: string): string | null {
  if (isIpv4(text)) return text;
  const [address = "", ...zone] = text.split("%");
  if (!address.includes(":") || zone.length > 1 || zone[0] === "") return null;
  const groups = ipv6Groups(address);
  if (!groups) return null;
  return [ipv6Text(groups), ...zone].join("%");
}
