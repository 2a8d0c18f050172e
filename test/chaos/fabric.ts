import { line, sh } from "./shell.ts";

/** One machine of a cluster: a network namespace with one interface and one address. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;
}

interface Rules {
  /** Addresses whose packets do not arrive at this host. */
  readonly deaf: Set<string>;
  /** Of the packets of other hosts, this share in percent is lost. */
  lossPercent: number;
}

let built = 0;

/**
 * Hosts on one bridge. All filters stand where packets arrive, so that a sender notices nothing,
 * as on a real network. The bridge itself has an address, from which the test watches everybody;
 * no filter ever names it.
 */
export class Fabric {
  readonly hosts: readonly Host[];
  readonly #bridge: string;
  readonly #rules = new Map<Host, Rules>();

  static async build(count: number): Promise<Fabric> {
    // The kernel forgets a namespace some time after it was deleted: each fabric has new names.
    const number = ++built;
    const fabric = new Fabric(number, count);
    await line(`ip link add ${fabric.#bridge} type bridge`);
    await line(`ip addr add ${subnet(number)}.254/24 dev ${fabric.#bridge}`);
    await line(`ip link set ${fabric.#bridge} up`);
    for (const host of fabric.hosts) await fabric.#addHost(host);
    return fabric;
  }

  private constructor(number: number, count: number) {
    this.#bridge = `chaos${number}`;
    this.hosts = Array.from({ length: count }, (_, index) => ({
      name: `host-${index + 1}`,
      address: `${subnet(number)}.${index + 1}`,
      namespace: `chaos${number}h${index + 1}`,
    }));
    for (const host of this.hosts) this.#rules.set(host, { deaf: new Set(), lossPercent: 0 });
  }

  /** What `from` sends does not arrive at `to`. */
  async cutOneWay(pairs: readonly (readonly [from: Host, to: Host])[]): Promise<void> {
    for (const [from, to] of pairs) this.#rulesOf(to).deaf.add(from.address);
    await this.#apply();
  }

  async isolate(host: Host): Promise<void> {
    const others = this.othersThan(host);
    await this.cutOneWay(
      others.flatMap((other) => [[host, other] as const, [other, host] as const]),
    );
  }

  async lose(percent: number): Promise<void> {
    for (const rules of this.#rules.values()) rules.lossPercent = percent;
    await this.#apply();
  }

  async heal(): Promise<void> {
    for (const rules of this.#rules.values()) {
      rules.deaf.clear();
      rules.lossPercent = 0;
    }
    await this.#apply();
  }

  othersThan(host: Host): readonly Host[] {
    return this.hosts.filter((other) => other !== host);
  }

  async dismantle(): Promise<void> {
    for (const { namespace } of this.hosts) {
      await line(`ip link del ${namespace}`);
      await line(`ip netns del ${namespace}`);
    }
    await line(`ip link del ${this.#bridge}`);
  }

  async #addHost({ namespace, address }: Host): Promise<void> {
    await line(`ip netns add ${namespace}`);
    await line(`ip link add ${namespace} type veth peer name eth0 netns ${namespace}`);
    await line(`ip link set ${namespace} master ${this.#bridge} up`);
    await line(`ip -n ${namespace} addr add ${address}/24 dev eth0`);
    await line(`ip -n ${namespace} link set eth0 up`);
    await line(`ip -n ${namespace} link set lo up`);
  }

  #rulesOf(host: Host): Rules {
    const rules = this.#rules.get(host);
    if (rules === undefined) throw new Error(`${host.name} is of another fabric.`);
    return rules;
  }

  async #apply(): Promise<void> {
    const started = this.hosts.map((host) =>
      sh([...enter(host), "nft", "-f", "-"], this.#ruleset(host)),
    );
    await Promise.all(started);
  }

  /** One transaction: the old table goes and the new one comes at the same instant. */
  #ruleset(host: Host): string {
    const { deaf, lossPercent } = this.#rulesOf(host);
    const peers = this.othersThan(host).map(({ address }) => address);
    const lossy = `ip saddr { ${peers.join(", ")} } numgen random mod 100 < ${lossPercent} drop`;
    return [
      "table inet chaos",
      "delete table inet chaos",
      "table inet chaos {",
      "chain arriving {",
      "type filter hook input priority 0;",
      ...(deaf.size === 0 ? [] : [`ip saddr { ${[...deaf].join(", ")} } drop`]),
      ...(lossPercent === 0 ? [] : [lossy]),
      "}",
      "}\n",
    ].join("\n");
  }
}

/** Two fabrics with the same one never exist at the same time: that would be 250 runs. */
function subnet(number: number): string {
  return `10.77.${number % 250}`;
}

/** The words before a command that runs on this host. */
export function enter(host: Host): readonly string[] {
  return ["nsenter", `--net=/run/netns/${host.namespace}`];
}

/** A private /run hides the machine's own namespaces and keeps ours to ourselves. */
export async function prepareSandbox(): Promise<void> {
  await line("mount -t tmpfs tmpfs /run");
  await line("ip link set lo up");
}
