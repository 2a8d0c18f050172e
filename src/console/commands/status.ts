import { judge } from "../../quorum/judgement.ts";
import { pictureFrom } from "../ask.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import { bytesIn } from "../sizes.ts";
import { statusJson } from "../status/json.ts";
import { nagiosLine } from "../status/nagios.ts";
import { statusLines } from "../status/text.ts";

const OPTIONS = {
  nagios: { type: "boolean", describe: "one line with performance data, for Nagios and its heirs" },
  "warn-lag": {
    type: "string",
    default: "1MB",
    describe: "a warning if the replica that is next in line lacks as much",
  },
  "crit-lag": { type: "string", default: "10MB", describe: "critical if it lacks as much" },
} as const;

export const status = defineCommand({
  name: "status",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Shows masters, replicas and Sentinels, and what is wrong with them",
  about:
    "Asks the Sentinels named and those that these name, of any make, and shows the master that the newest configuration has, which replica would be promoted, and what each Sentinel says.",
  options: OPTIONS,
  examples: [
    ["status", "of the Sentinel on this host and its peers"],
    ["status mymaster --at s1:26379,s2 --json", "one master, for programs"],
    ["status --conf /etc/redis/sentinel.conf --nagios", "port, TLS and password of a file"],
  ],
  exits: "observing",
  run,
});

async function run({ words, options, output, access }: Call<typeof OPTIONS>): Promise<number> {
  const limits = {
    warnBytes: bytesIn(options["warn-lag"], "warn-lag"),
    criticalBytes: bytesIn(options["crit-lag"], "crit-lag"),
  };
  const name = words[0] ?? null;
  const { asked, masters } = await pictureFrom(access, name);
  const judged = masters.map((picture) => ({ picture, judgement: judge(picture, limits) }));
  if (options.nagios === true) output.line(nagiosLine(judged, limits));
  else if (options.json === true) output.json(statusJson(asked, judged));
  else output.lines(statusLines(output, judged));
  if (judged.length === 0) return OBSERVED.unknown;
  return judged.reduce((worst, { judgement }) => Math.max(worst, judgement.severity), 0);
}
