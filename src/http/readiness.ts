import type { Millis } from "../core/state.ts";
import type { MasterView } from "../view/types.ts";
import { type Answer, type HttpHost, JSON_TYPE } from "./host.ts";
import { toJson } from "./shown.ts";
import { Walk } from "./walk.ts";

/** A Sentinel that said nothing for so long has no say in who is outdated; hellos come every two seconds. */
const FRESH_HELLO_MS: Millis = 10_000;

/**
 * `/readyz`: may clients be sent here? Once it may, it stays so: a Sentinel that lost the others still knows a master
 * that is well, and clients that find no Sentinel at all lose that, too. Only one whose masters moved without it,
 * as a majority says, misleads them.
 */
export class Readiness {
  readonly #unready: Walk<readonly string[]>;
  #wasReady = false;

  constructor(host: HttpHost) {
    this.#unready = new Walk(host, () => {
      const reasons: string[] = [];
      return {
        add: (master) => {
          const why = whyOutdated(master) ?? (this.#wasReady ? null : whyUnknown(master));
          if (why !== null) reasons.push(`${master.name}: ${why}`);
        },
        end: ({ save }) => {
          if (save.failedMs !== null && !this.#wasReady) reasons.push("the last save failed");
          return reasons;
        },
      };
    });
  }

  async answer(): Promise<Answer> {
    const reasons = (await this.#unready.result()) ?? ["this Sentinel is starting"];
    if (reasons.length === 0) this.#wasReady = true;
    return probe(reasons);
  }
}

/** Who asks is a program: it looks at the status, and its operator at the reasons. */
export function probe(reasons: readonly string[]): Answer {
  const body = `${toJson({ ok: reasons.length === 0, reasons })}\n`;
  return { status: reasons.length === 0 ? 200 : 503, type: JSON_TYPE, body };
}

/** A majority names a master under a greater config epoch, and we could not follow. */
function whyOutdated({ sentinels, configEpoch }: MasterView): string | null {
  const ahead = sentinels.filter(
    (peer) =>
      peer.configEpoch !== null && peer.configEpoch > configEpoch && peer.helloMs < FRESH_HELLO_MS,
  );
  if (2 * ahead.length <= sentinels.length + 1) return null;
  return `most Sentinels are beyond our config epoch ${configEpoch}`;
}

/** What must be known before the first client is sent here. */
function whyUnknown({ clientsGoTo, infoMs, sentinels }: MasterView): string | null {
  if (clientsGoTo.host === "") return "its address is not known yet";
  if (isLoopback(clientsGoTo.host) && sentinels.some(({ names }) => names !== null)) {
    return "its address is our own machine, and another Sentinel names another one";
  }
  const isHeard = infoMs !== null || sentinels.some((peer) => peer.configEpoch !== null);
  return isHeard ? null : "neither it nor another Sentinel of it was heard yet";
}

export function isLoopback(host: string): boolean {
  return host === "::1" || host === "localhost" || host.startsWith("127.");
}
