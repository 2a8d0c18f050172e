import { type Context, log } from "./context.ts";
import { INFO_CACHE_BYTES, MAX_REPLICAS, MAX_REPLICAS_IN_ALL } from "./limits.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Master } from "./state.ts";
import { detached } from "./text.ts";

/** Replicas that INFO of a master named and that were not taken up. */
export interface PassedOver {
  /** There were more than there is room for, which was told. */
  isCrowded: boolean;
  /** Of its last INFO: another replica, called otherwise, is where they are said to be. */
  unplaced: Address[];
}

/** Addresses, to find one that means the same process as another (`sameAddress`) at once. */
export class AddressSet {
  readonly #keys = new Set<string>();

  add({ host, ip, port }: Address): void {
    this.#keys.add(`${hostKey(host)} ${port}`);
    if (ip !== null) this.#keys.add(`${ip} ${port}`);
  }

  has({ host, ip, port }: Address): boolean {
    return (ip !== null && this.#keys.has(`${ip} ${port}`)) || this.#hasName(host, ip, port);
  }

  /** A numeric host is its own name, and was looked for. */
  #hasName(host: string, ip: string | null, port: number): boolean {
    return host !== ip && this.#keys.has(`${hostKey(host)} ${port}`);
  }
}

export function replicaAddresses(master: Master): AddressSet {
  const known = new AddressSet();
  for (const { address } of master.replicas.values()) known.add(address);
  return known;
}

/**
 * Whether INFO may add a replica: a hostile server names thousands, new ones each time. The first that
 * finds no room is told.
 */
export function hasRoomForReplica(ctx: Context, master: Master): boolean {
  let all = 0;
  for (const { replicas } of ctx.state.masters.values()) all += replicas.size;
  if (master.replicas.size < MAX_REPLICAS && all < MAX_REPLICAS_IN_ALL) return true;
  if (!master.isCrowded) {
    const how = `${master.replicas.size} replicas of '${master.name}' are known, ${all} of all masters`;
    const advice = "If they are not real, find who says so and use SENTINEL RESET.";
    log(ctx, "warning", `INFO names more replicas than a Sentinel takes: ${how}. ${advice}`);
  }
  master.isCrowded = true;
  return false;
}

/** The text of an INFO, for INFO-CACHE: as much of it as all servers may have. */
export function keptInfo({ state }: Context, text: string): string {
  const { most, least, inAll } = INFO_CACHE_BYTES;
  const share = Math.floor(inAll / Math.max(1, state.connections.size));
  const length = Math.min(most, Math.max(least, share));
  return text.length <= length ? text : detached(text.slice(0, length));
}
