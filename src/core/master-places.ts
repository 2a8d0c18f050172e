import { currentAddress } from "./records.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Master } from "./state.ts";

const NOBODY: readonly Master[] = [];

/**
 * Which masters may be found at an address, for who asks it of every server: by looking through all masters
 * that would be the square of their number. Holds while no master moves.
 */
export class MasterPlaces {
  /** By port, then by host, both as name and as address. */
  readonly #byPort = new Map<number, Map<string, Master[]>>();

  constructor(masters: Iterable<Master>) {
    for (const master of masters) {
      const current = currentAddress(master);
      this.#add(master, master.address);
      if (current !== master.address) this.#add(master, current);
    }
  }

  /** All that are at this port of the host or of the ip, and perhaps others; some of them twice. */
  at(host: string, ip: string | null, port: number): readonly Master[] {
    const there = this.#byPort.get(port);
    if (there === undefined) return NOBODY;
    const byIp = (ip === null ? undefined : there.get(ip)) ?? NOBODY;
    const byHost = (host === ip ? undefined : there.get(hostKey(host))) ?? NOBODY;
    return byHost.length === 0 ? byIp : [...byIp, ...byHost];
  }

  #add(master: Master, { host, ip, port }: Address): void {
    const there = this.#byPort.get(port) ?? new Map<string, Master[]>();
    this.#byPort.set(port, there);
    const names = ip === null || ip === host ? [ip ?? hostKey(host)] : [ip, hostKey(host)];
    for (const name of names) {
      const known = there.get(name);
      if (known === undefined) there.set(name, [master]);
      else known.push(master);
    }
  }
}
