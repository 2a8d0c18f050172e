import { execFileSync } from "node:child_process";
import type { ClientLife } from "./life.ts";
import type { ClientSpec } from "./registry.ts";
import { errorTable, livesTable, outageTable, toolTable } from "./table.ts";
import type { ToolResult } from "./tools/compare.ts";

export interface Findings {
  readonly lives: readonly ClientLife[];
  readonly clients: readonly ClientSpec[];
  readonly tools: readonly ToolResult[];
  readonly runs: number;
}

/** docs/clients.md: nothing in it is written by hand. */
export function report({ lives, clients, tools, runs }: Findings): string {
  const parts = [
    "# Clients and tools",
    `Written by \`npm run test:clients -- --runs ${runs} --write\`; edit that, not this.`,
    howItWas(),
    "## Seconds without a write",
    howToRead,
    outageTable(lives, clients),
    "## Whole lives",
    livesTable(lives, clients),
    "## Errors seen by the clients, per life",
    errorTable(lives, clients),
    "## Tools",
    aboutTools,
    toolTable(tools),
    "## Not packaged by Debian",
    notPackaged(),
  ];
  return `${parts.join("\n\n")}\n`;
}

function howItWas(): string {
  const redis = firstLine("redis-server", ["--version"]).match(/v=(\S+)/)?.[1];
  return [
    "All clients live together on one cluster: a master, two replicas, three Sentinels with",
    "`down-after-milliseconds 2000`. They connect through the Sentinels, write every 20 ms (bash: 50),",
    "lose the master by `kill -9`, see the old one come back as a replica, and see",
    "`SENTINEL FAILOVER`. After each step every client must write again and see the new master and",
    `its replicas within 30 s. Redis and C Sentinels ${redis}, Node ${process.version}.`,
  ].join("\n");
}

const howToRead = [
  "The longest time between two acknowledged writes that the last master still has, median of the",
  "lives in the plain scenery, ours and C in turns. A write that was acknowledged and then lost ends",
  "no outage: after `SENTINEL FAILOVER` of a C Sentinel the old master takes writes for ten more",
  "seconds, until it is told to follow, and all of them are lost.",
].join("\n");

const aboutTools = [
  "Each does the same to ours and to C Sentinels. A fact is a metric, an answer, a line of the file:",
  "ports and ids left out, they must be the same.",
].join("\n");

/** Named by the issue "if packaged"; the evidence is apt's own answer. */
const perhapsPackaged = [
  "libjedis-java",
  "golang-github-redis-go-redis-dev",
  "golang-github-go-redis-redis-dev",
];

function notPackaged(): string {
  const answers = perhapsPackaged.map((name) => {
    const policy = execFileSync("apt-cache", ["policy", name], { encoding: "utf8" });
    const candidate = /Candidate: (\S+)/.exec(policy)?.[1];
    const answer = candidate === undefined ? "nothing" : `candidate ${candidate}`;
    return `- \`apt-cache policy ${name}\`: ${answer}`;
  });
  const debian = firstLine("cat", ["/etc/debian_version"]);
  return `Debian ${debian}:\n\n${answers.join("\n")}`;
}

function firstLine(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" }).split("\n")[0] ?? "";
}
