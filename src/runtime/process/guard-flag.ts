import { DEFAULT_GUARDS, type Guards } from "../../core/guards.ts";
import { StartError } from "../start-error.ts";

const FLAG = "--guard";
const MODES: { readonly [Name in keyof Guards]: readonly Guards[Name][] } = {
  reborn: ["off", "warn", "failover"],
  lineage: ["off", "warn", "enforce"],
};
const KNOWN = Object.entries(MODES).map(([name, modes]) => `${name}=${modes.join("|")}`);

/** For `--help`, in the form of yargs. */
export const GUARD_OPTION = {
  guard: {
    type: "string",
    default: `reborn=${DEFAULT_GUARDS.reborn},lineage=${DEFAULT_GUARDS.lineage}`,
    describe: `against lost data: ${KNOWN.join(", ")}; also REDIS_SENTINEL_TS_GUARD`,
  },
} as const;

/**
 * `--guard reborn=warn` or `--guard=reborn=warn`, anywhere; several with commas or one by one, the last wins. What is
 * not said is so in the environment, or as usual [D-REBORN].
 *
 * @throws StartError for a guard or a mode that there is none.
 */
export function takeGuards(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly guards: Guards; readonly rest: readonly string[] } {
  const rest: string[] = [];
  const said: string[] = [env.REDIS_SENTINEL_TS_GUARD ?? ""];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === FLAG) said.push(args[++at] ?? "");
    else if (arg.startsWith(`${FLAG}=`)) said.push(arg.slice(FLAG.length + 1));
    else rest.push(arg);
  }
  const words = said.flatMap((text) => text.split(",")).filter((word) => word !== "");
  return { guards: words.reduce(apply, DEFAULT_GUARDS), rest };
}

function apply(guards: Guards, word: string): Guards {
  const [name, mode, ...more] = word.split("=");
  const reborn = MODES.reborn.find((known) => known === mode);
  const lineage = MODES.lineage.find((known) => known === mode);
  if (more.length === 0 && name === "reborn" && reborn) return { ...guards, reborn };
  if (more.length === 0 && name === "lineage" && lineage) return { ...guards, lineage };
  throw new StartError(`The guard '${word}' is not known: use ${KNOWN.join(" or ")}`);
}
