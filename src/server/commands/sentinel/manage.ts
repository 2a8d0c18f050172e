import { block, integerWord, MULTIPLE, patternWord, textWord } from "../arguments.ts";
import { per } from "../docs.ts";
import { askByName } from "../question.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

/** What changes which masters are watched, and how. */
export const managementCommands: readonly Command[] = [
  {
    name: "monitor",
    arity: 6,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Begins to watch a master.",
    ask: askByName,
    words: [textWord("name"), textWord("ip"), integerWord("port"), integerWord("quorum")],
    help: [["MONITOR <name> <ip> <port> <quorum>", "Begin to watch a master."]],
  },
  {
    name: "remove",
    arity: 3,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Stops watching a master.",
    ask: askByName,
    words: [textWord("master-name")],
    help: [["REMOVE <master-name>", "Stop watching a master and forget it."]],
  },
  {
    name: "reset",
    arity: 3,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Forgets what was learnt about masters.",
    ask: askByName,
    complexity: per("masters"),
    words: [patternWord("pattern")],
    help: [
      [
        "RESET <pattern>",
        "Forget what was learnt about the masters whose names match",
        "and discover their replicas and Sentinels again.",
      ],
    ],
  },
  {
    name: "set",
    arity: -5,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Changes options of one master.",
    words: [
      textWord("master-name"),
      block("data", [textWord("option"), textWord("value")], MULTIPLE),
    ],
    help: [
      [
        "SET <master-name> <option> <value> [<option> <value> ...]",
        "Change options of one master.",
      ],
    ],
  },
];
