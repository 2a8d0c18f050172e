import { block, MULTIPLE, OPTIONAL, oneOf, textWord } from "../arguments.ts";
import { UNTOLD } from "../docs.ts";
import { askByName } from "../question.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

/** What concerns this Sentinel, and no master of its own. */
export const processCommands: readonly Command[] = [
  {
    name: "myid",
    arity: 2,
    ...OPERATOR,
    since: "6.2.0",
    summary: "Shows the id of this Sentinel.",
    help: [["MYID", "Show the id of this Sentinel."]],
  },
  {
    name: "flushconfig",
    arity: 2,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Writes the state to the configuration file.",
    help: [["FLUSHCONFIG", "Write the current state to the configuration file."]],
  },
  {
    name: "config",
    arity: -4,
    ...OPERATOR,
    since: "6.2.0",
    summary: "Shows or changes global parameters.",
    history: [["7.2.0", "Shows and changes several parameters in one call."]],
    words: [
      oneOf("action", [
        block("set", [textWord("parameter"), textWord("value")], { token: "SET", ...MULTIPLE }),
        textWord("parameter", { token: "GET", ...MULTIPLE }),
      ]),
    ],
    help: [
      [
        "CONFIG SET param value [param value ...]",
        "Change global parameters; all of them or none.",
      ],
      [
        "CONFIG GET <param> [param param param ...]",
        "Show the global parameters that match the patterns.",
      ],
    ],
  },
  {
    name: "debug",
    arity: -2,
    ...OPERATOR,
    since: "7.0.0",
    summary: "Shows or changes periods and time limits.",
    words: [
      block("data", [textWord("parameter"), textWord("value")], { ...OPTIONAL, ...MULTIPLE }),
    ],
    help: [
      [
        "DEBUG [<param> <value> ...]",
        "Show the periods and time limits in milliseconds,",
        "or change some until the next restart.",
      ],
    ],
  },
  {
    name: "pending-scripts",
    arity: 2,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Shows the scripts that run or wait.",
    complexity: UNTOLD,
    help: [["PENDING-SCRIPTS", "Show the scripts that run or wait."]],
  },
  {
    name: "reset-epoch",
    arity: 2,
    ...OPERATOR,
    isListed: false,
    since: "7.0.0",
    summary: "Takes epochs that are near their end back.",
    ask: askByName,
  },
];
