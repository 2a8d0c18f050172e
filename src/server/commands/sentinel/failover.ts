import { integerWord, MULTIPLE, OPTIONAL, oneOf, textWord, tokenless } from "../arguments.ts";
import { UNTOLD } from "../docs.ts";
import { askAside, askByName } from "../question.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

const DOWN_BY_ADDR = {
  arity: 6,
  ...OPERATOR,
  since: "2.8.4",
  words: [textWord("ip"), integerWord("port"), integerWord("current-epoch"), textWord("runid")],
} as const;

/** What concerns failovers: whether one could be, to begin one, to vote, to rehearse a bad one. */
export const failoverCommands: readonly Command[] = [
  {
    name: "ckquorum",
    arity: 3,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Tells whether a failover could be agreed upon now.",
    complexity: UNTOLD,
    words: [textWord("master-name")],
    help: [
      [
        "CKQUORUM <master-name>",
        "Tell whether enough Sentinels are reachable to agree that",
        "the master is down and to authorize a failover.",
      ],
    ],
  },
  {
    name: "failover",
    arity: -3,
    ...OPERATOR,
    since: "2.8.4",
    summary: "Starts a failover without asking the other Sentinels.",
    ask: askByName,
    complexity: UNTOLD,
    words: [textWord("master-name")],
    help: [
      [
        "FAILOVER <master-name>",
        "Start a failover now, as if the master were down,",
        "without asking the other Sentinels.",
      ],
    ],
  },
  {
    name: "is-master-down-by-addr",
    ...DOWN_BY_ADDR,
    summary: "Asks for an opinion, and perhaps for a vote.",
    help: [
      [
        "IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>",
        "Ask whether this Sentinel holds the master at that address",
        "for down; with a run id, also ask for its vote.",
      ],
    ],
    ask: askAside,
  },
  {
    name: "is-primary-down-by-addr",
    ...DOWN_BY_ADDR,
    isListed: false,
    summary: "IS-MASTER-DOWN-BY-ADDR, as Valkey names it.",
  },
  {
    name: "simulate-failure",
    arity: -3,
    ...OPERATOR,
    since: "3.2.0",
    summary: "Crashes at a chosen moment of a failover.",
    complexity: UNTOLD,
    words: [
      oneOf("mode", ["crash-after-election", "crash-after-promotion", "help"].map(tokenless), {
        ...OPTIONAL,
        ...MULTIPLE,
      }),
    ],
    help: [
      [
        "SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]",
        "Crash at a chosen moment of the next failover.",
      ],
    ],
  },
];
