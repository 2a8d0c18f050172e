import { MULTIPLE, textWord } from "../arguments.ts";
import { per } from "../docs.ts";
import { askAddress } from "../question.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

const MASTER_NAME = [textWord("master-name")];

const MASTERS = {
  arity: 2,
  ...OPERATOR,
  since: "2.8.4",
  complexity: per("masters"),
  isRepeated: true,
} as const;

const MASTER = {
  arity: 3,
  ...OPERATOR,
  since: "2.8.4",
  words: MASTER_NAME,
  isRepeated: true,
} as const;

const ADDRESS = { ...MASTER, ask: askAddress } as const;

/** What shows masters and what belongs to them. */
export const inspectionCommands: readonly Command[] = [
  {
    name: "masters",
    ...MASTERS,
    summary: "Shows the state of every master.",
    help: [["MASTERS", "Show the state of every master."]],
  },
  {
    name: "primaries",
    ...MASTERS,
    isListed: false,
    summary: "MASTERS, as Valkey names it.",
  },
  {
    name: "master",
    ...MASTER,
    summary: "Shows the state of one master.",
    help: [["MASTER <master-name>", "Show the state of one master."]],
  },
  {
    name: "primary",
    ...MASTER,
    isListed: false,
    summary: "MASTER, as Valkey names it.",
  },
  {
    name: "get-master-addr-by-name",
    ...ADDRESS,
    summary: "Shows the address of a master.",
    help: [
      [
        "GET-MASTER-ADDR-BY-NAME <master-name>",
        "Show the address clients of this master should use.",
      ],
    ],
  },
  {
    name: "get-primary-addr-by-name",
    ...ADDRESS,
    isListed: false,
    summary: "GET-MASTER-ADDR-BY-NAME, as Valkey names it.",
  },
  {
    name: "replicas",
    ...MASTER,
    since: "5.0.0",
    summary: "Shows the replicas of a master.",
    help: [["REPLICAS <master-name>", "Show the replicas of a master."]],
  },
  {
    name: "slaves",
    ...MASTER,
    since: "2.8.0",
    summary: "Shows the replicas of a master, under the older name.",
    deprecated: { since: "5.0.0", replacedBy: "`SENTINEL REPLICAS`" },
  },
  {
    name: "sentinels",
    ...MASTER,
    summary: "Shows the other Sentinels of a master.",
    help: [["SENTINELS <master-name>", "Show the other Sentinels that watch a master."]],
  },
  {
    name: "info-cache",
    arity: -3,
    ...OPERATOR,
    since: "3.2.0",
    summary: "Shows the latest INFO of masters and replicas.",
    complexity: per("masters"),
    words: [textWord("nodename", MULTIPLE)],
    help: [
      [
        "INFO-CACHE <master-name>",
        "Show the latest INFO output of the masters and their replicas",
        "with its age in milliseconds.",
      ],
    ],
  },
];
