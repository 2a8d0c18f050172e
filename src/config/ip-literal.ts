const V4_PART = /^(0|[1-9][0-9]{0,2})$/;
const V6_GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Whether the host is an IPv4 or IPv6 address, an IPv6 zone (`%eth0`) allowed. */
export function isIpLiteral(host: string): boolean {
  return isIpv4(host) || isIpv6(host);
}

function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => V4_PART.test(part) && Number(part) <= 255);
}

function isIpv6(host: string): boolean {
  const [address = "", zone, ...rest] = host.split("%");
  if (zone === "" || rest.length > 0) return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const counts = halves.map((half, at) => countGroups(half, at === halves.length - 1));
  if (counts.includes(-1)) return false;
  const groups = counts.reduce((sum, count) => sum + count, 0);
  // `::` stands for at least one group of zeros.
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** Groups of 16 bits in a part without `::`; -1 if malformed. An IPv4 tail counts two. */
function countGroups(part: string, mayEndInIpv4: boolean): number {
  if (part === "") return 0;
  const groups = part.split(":");
  const last = groups.at(-1) ?? "";
  const tail = mayEndInIpv4 && isIpv4(last);
  const plain = tail ? groups.slice(0, -1) : groups;
  return plain.every((group) => V6_GROUP.test(group)) ? plain.length + (tail ? 2 : 0) : -1;
}
