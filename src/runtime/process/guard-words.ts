import { DEFAULT_GUARDS, type Guards } from "../../core/guards.ts";
import type { MaxLag } from "../../core/lag-guard.ts";
import { StartError } from "../start-error.ts";

const MODES = {
  reborn: ["off", "warn", "failover"],
  lineage: ["off", "warn", "enforce"],
} as const;
/** What `--guard` takes [D-REBORN] [D-LINEAGE]. */
export const GUARD_WORDS = Object.entries(MODES).map(([name, of]) => `${name}=${of.join("|")}`);
/** A day; longer is no use. */
const MAX_REFUSED_AFTER_MS = 86_400_000;

type Modes = Pick<Guards, "reborn" | "lineage">;

/**
 * `reborn=warn`, several with commas or one by one. What is not said is as usual.
 *
 * @throws StartError for a guard or a mode that there is none.
 */
export function readGuards(said: readonly string[]): Modes {
  const words = said.flatMap((text) => text.split(",")).filter((word) => word !== "");
  const { reborn, lineage } = DEFAULT_GUARDS;
  return words.reduce<Modes>(apply, { reborn, lineage });
}

function apply(modes: Modes, word: string): Modes {
  const [name, mode, ...more] = word.split("=");
  const reborn = MODES.reborn.find((known) => known === mode);
  const lineage = MODES.lineage.find((known) => known === mode);
  if (more.length === 0 && name === "reborn" && reborn) return { ...modes, reborn };
  if (more.length === 0 && name === "lineage" && lineage) return { ...modes, lineage };
  throw new StartError(`The guard '${word}' is not known: use ${GUARD_WORDS.join(" or ")}`);
}

/**
 * Milliseconds [D-REFUSED].
 *
 * @throws StartError for what is no number of them.
 */
export function readRefusedAfter(said: readonly string[]): number {
  const text = said.at(-1) ?? "0";
  const ms = /^\d{1,8}$/.test(text) ? Number(text) : -1;
  if (ms >= 0 && ms <= MAX_REFUSED_AFTER_MS) return ms;
  throw new StartError(`'${text}' after --refused-after is no number of milliseconds`);
}

/**
 * `off`, or bytes, with `,strict` behind them [D-MAX-LAG].
 *
 * @throws StartError for what is neither.
 */
export function readMaxLag(said: readonly string[]): MaxLag | null {
  const text = said.at(-1) ?? "off";
  if (text === "off") return null;
  const [, bytes, strict] = /^(\d{1,18})(,strict)?$/.exec(text) ?? [];
  if (bytes !== undefined) return { bytes: BigInt(bytes), isStrict: strict !== undefined };
  throw new StartError(`'${text}' after --max-lag is neither off, nor bytes, nor bytes,strict`);
}
