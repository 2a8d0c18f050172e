import { lookup } from "node:dns/promises";
import { textOf } from "../../base/bytes.ts";
import { findingsOf, uncheckedOf } from "../../quorum/check/check.ts";
import {
  type CheckLimits,
  type Finding,
  finding,
  type Unchecked,
} from "../../quorum/check/codes.ts";
import { hostNames } from "../../quorum/check/of-master.ts";
import type { QuorumPicture } from "../../quorum/picture.ts";
import { pictureFrom } from "../ask.ts";
import { ACL_LINES } from "../check/acl-lines.ts";
import { checkJson, checkLines } from "../check/report.ts";
import { askServers } from "../check/servers.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import type { Access } from "../connect/access.ts";
import { SERVER_OPTIONS } from "../options.ts";
import { bytesIn } from "../sizes.ts";
import { millisOf } from "../times.ts";

const OPTIONS = {
  ...SERVER_OPTIONS,
  "ghost-after": {
    type: "string",
    default: "1h",
    describe: "a server or Sentinel that is down for so long seems to be gone for good",
  },
  "warn-lag": { type: "string", default: "1MB", describe: "a replica that lacks as much is told" },
  "print-acl": {
    type: "boolean",
    describe: "print the rights that this console and Sentinels need, and ask nobody",
  },
} as const;

export const check = defineCommand({
  name: "check",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Looks for what would keep a failover from working, or lose data in it",
  about:
    "Each finding has a code, what it is and what to do; docs/console.md has all codes. It reads and changes nothing. With --conf, --servers or --servers-auth-file the servers are asked, too.",
  options: OPTIONS,
  examples: [
    ["check --at s1:26379", "what Sentinels tell, of any make"],
    [
      "check mymaster --conf /etc/redis/sentinel.conf",
      "servers, too, with the passwords of the file",
    ],
    ["check --print-acl", "users that may do what is needed and no more"],
  ],
  exits: "observing",
  run,
});

/** What differs between Sentinels may be news that is under way: hellos come every two seconds. */
const NEWS_MS = 2_500;

async function run({ words, options, output, access }: Call<typeof OPTIONS>): Promise<number> {
  if (options["print-acl"] === true) {
    output.lines(ACL_LINES);
    return OBSERVED.fine;
  }
  const limits = {
    ghostMs: millisOf(options["ghost-after"], "ghost-after"),
    lagBytes: bytesIn(options["warn-lag"], "warn-lag"),
  };
  const name = words[0] ?? null;
  const { picture, found, unchecked } = await look(access, name, limits);
  if (options.json === true) output.json(checkJson(picture, found, unchecked));
  else output.lines(checkLines(output, picture, found, unchecked));
  if (picture.masters.length === 0) return OBSERVED.unknown;
  if (found.some(({ severity }) => severity === "critical")) return OBSERVED.critical;
  return found.length > 0 ? OBSERVED.warning : OBSERVED.fine;
}

interface Looked {
  readonly picture: QuorumPicture;
  readonly found: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
}

async function look(access: Access, name: string | null, limits: CheckLimits): Promise<Looked> {
  let picture = await pictureFrom(access, name);
  if (findingsOf(picture, [], limits).some(isNews)) {
    await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
    picture = await pictureFrom(access, name);
  }
  const servers = access.asksServers ? await askServers(access, picture) : [];
  const found = [...findingsOf(picture, servers, limits), ...(await unresolved(picture))];
  return { picture, found, unchecked: uncheckedOf(picture, servers) };
}

function isNews({ code }: Finding): boolean {
  return ["MASTER_DIFFERS", "EPOCH_DIFFERS", "MAJORITY_DIFFERS"].includes(code);
}

/** Names that have no address here, as seen from this host. */
async function unresolved({ masters }: QuorumPicture): Promise<Finding[]> {
  const all = masters.flatMap((picture) =>
    hostNames(picture).map(async (host) => {
      try {
        await lookup(textOf(host));
        return [];
      } catch {
        return [
          finding("NAME_UNRESOLVED", picture.name, `${host} has no address, as seen from here`),
        ];
      }
    }),
  );
  return (await Promise.all(all)).flat();
}
