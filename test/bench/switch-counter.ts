import type { SentinelNode } from "../support/sentinel-node.ts";

/** Waits for the +switch-master of many masters in every Sentinel. */
export class SwitchCounter {
  readonly #missing = new Set<string>();
  lastAtMs = Number.NaN;

  constructor(sentinels: readonly SentinelNode[], masters: readonly string[]) {
    for (const sentinel of sentinels) {
      for (const master of masters) this.#missing.add(`${sentinel.name} ${master}`);
      sentinel.events.onEvent = ({ channel, payload, atMs }) => {
        if (channel !== "+switch-master") return;
        const [master = ""] = payload.split(" ");
        if (this.#missing.delete(`${sentinel.name} ${master}`)) this.lastAtMs = atMs;
      };
    }
  }

  get missing(): number {
    return this.#missing.size;
  }
}
