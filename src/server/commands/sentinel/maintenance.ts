import { block, integerWord, OPTIONAL, oneOf, patternWord, textWord, word } from "../arguments.ts";
import { per } from "../docs.ts";
import { askByName } from "../question.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

const OURS = { ...OPERATOR, since: "7.0.0", isListed: false } as const;

/** What an operator says before and after work on servers and Sentinels; Redis has none of it. */
export const maintenanceCommands: readonly Command[] = [
  {
    name: "forget",
    arity: -5,
    ...OURS,
    summary: "Forgets one replica or Sentinel that is gone for good.",
    ask: askByName,
    words: [
      textWord("master-name"),
      oneOf("what", [
        block("replica", [word("REPLICA"), textWord("host"), integerWord("port")]),
        block("sentinel", [word("SENTINEL"), textWord("runid")]),
      ]),
      word("FORCE", OPTIONAL),
    ],
  },
  {
    name: "history-id",
    arity: -3,
    ...OURS,
    summary: "Shows the names of a master's data, or adopts one.",
    ask: askByName,
    words: [textWord("master-name"), textWord("replid", { token: "ADOPT", ...OPTIONAL })],
  },
  {
    name: "pause",
    arity: -4,
    ...OURS,
    summary: "Holds automatic failovers of masters back for a time.",
    ask: askByName,
    complexity: per("masters"),
    words: [
      patternWord("name"),
      integerWord("seconds"),
      block("replica", [word("REPLICA"), textWord("host"), integerWord("port")], OPTIONAL),
      textWord("reason", OPTIONAL),
    ],
  },
  {
    name: "pauses",
    arity: -2,
    ...OURS,
    summary: "Shows what is paused, for how long, and why.",
    complexity: per("masters"),
    words: [textWord("master-name", OPTIONAL)],
  },
  {
    name: "resume",
    arity: 3,
    ...OURS,
    summary: "Ends pauses.",
    ask: askByName,
    complexity: per("masters"),
    words: [patternWord("name")],
  },
];
