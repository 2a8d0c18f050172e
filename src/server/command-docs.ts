import { array, bulk, map, type Reply, status } from "../core/reply.ts";
import { describeArguments } from "./command-arguments.ts";
import { HISTORY } from "./command-history.ts";
import type { CommandSpec } from "./command-table.ts";

type Group = "connection" | "pubsub" | "sentinel" | "server";

/** Summaries are our own words; `since` tells which Redis first had the command. */
type Doc = readonly [since: string, summary: string, complexity?: string];

const GROUPS: Readonly<Record<string, Group>> = {
  auth: "connection",
  client: "connection",
  hello: "connection",
  ping: "connection",
  psubscribe: "pubsub",
  publish: "pubsub",
  punsubscribe: "pubsub",
  subscribe: "pubsub",
  unsubscribe: "pubsub",
  sentinel: "sentinel",
};

const OF_SUBCOMMAND = "Depends on subcommand.";
/** The reference does not say. */
const UNTOLD = "";
const PER_CLIENT = "O(N) where N is the number of clients";
const PER_COMMAND = "O(N) where N is the number of commands";
const PER_MASTER = "O(N) where N is the number of masters";
const PER_NAME = "O(N) where N is the number of names given";
const PER_USER = "O(N) where N is the number of users";

const DOCS: Readonly<Record<string, Doc>> = {
  acl: ["6.0.0", "Holds the subcommands about users and permissions.", OF_SUBCOMMAND],
  "acl|cat": ["6.0.0", "Lists the categories, or the commands of one.", PER_COMMAND],
  "acl|deluser": ["6.0.0", "Deletes users and closes their connections.", PER_CLIENT],
  "acl|dryrun": ["7.0.0", "Tells whether a user may run a command, without running it."],
  "acl|genpass": ["6.0.0", "Makes a random password."],
  "acl|getuser": ["6.0.0", "Shows what a user may do."],
  "acl|help": ["6.0.0", "Explains the subcommands of ACL."],
  "acl|list": ["6.0.0", "Shows every user as a line of the configuration file.", PER_USER],
  "acl|load": ["6.0.0", "Reads the users from the ACL file again.", PER_USER],
  "acl|log": ["6.0.0", "Shows the latest refusals, or forgets them."],
  "acl|save": ["6.0.0", "Writes the users to the ACL file.", PER_USER],
  "acl|setuser": ["6.0.0", "Creates a user or changes its rules."],
  "acl|users": ["6.0.0", "Lists the names of the users.", PER_USER],
  "acl|whoami": ["6.0.0", "Shows the user of this connection."],
  auth: ["1.0.0", "Authenticates this connection."],
  client: ["2.4.0", "Holds the subcommands about connections.", OF_SUBCOMMAND],
  "client|caching": ["6.0.0", "Chooses whether the keys of the next command are tracked."],
  "client|getname": ["2.6.9", "Shows the name of this connection."],
  "client|getredir": ["6.0.0", "Shows who receives our invalidation messages."],
  "client|help": ["5.0.0", "Explains the subcommands of CLIENT."],
  "client|id": ["5.0.0", "Shows the id of this connection."],
  "client|info": ["6.2.0", "Shows what the server knows about this connection."],
  "client|kill": ["2.4.0", "Closes connections.", PER_CLIENT],
  "client|list": ["2.4.0", "Shows the connections, one line each.", PER_CLIENT],
  "client|no-evict": ["7.0.0", "Protects this connection from being closed to save memory."],
  "client|pause": ["3.0.0", "Holds the commands of all clients back for a time."],
  "client|reply": ["3.2.0", "Chooses which commands of this connection are answered."],
  "client|setinfo": ["7.2.0", "Tells the name or version of the client library."],
  "client|setname": ["2.6.9", "Names this connection."],
  "client|tracking": ["6.0.0", "Asks for invalidation messages, which a Sentinel never sends."],
  "client|trackinginfo": ["6.2.0", "Shows what was asked for with CLIENT TRACKING."],
  "client|unblock": ["5.0.0", "Frees a client that waits in a blocking command."],
  "client|unpause": ["6.2.0", "Ends a pause.", PER_CLIENT],
  command: ["2.8.13", "Describes every command.", PER_COMMAND],
  "command|count": ["2.8.13", "Counts the commands."],
  "command|docs": ["7.0.0", "Documents commands.", PER_NAME],
  "command|getkeys": ["2.8.13", "Shows the keys in a whole command."],
  "command|getkeysandflags": ["7.0.0", "Shows the keys in a whole command and their use."],
  "command|help": ["5.0.0", "Explains the subcommands of COMMAND."],
  "command|info": ["2.8.13", "Describes commands.", PER_NAME],
  "command|list": ["7.0.0", "Lists the names of the commands.", PER_COMMAND],
  hello: ["6.0.0", "Chooses the protocol, and may authenticate and name the connection."],
  info: ["1.0.0", "Shows figures of the server and the state of its masters."],
  ping: ["1.0.0", "Shows that the server is alive."],
  psubscribe: ["2.0.0", "Listens to the channels that match patterns.", PER_NAME],
  publish: ["2.0.0", "Hands a hello message of another Sentinel in."],
  punsubscribe: ["2.0.0", "Stops listening to patterns.", PER_NAME],
  role: ["2.8.12", "Shows that this is a Sentinel, and its masters."],
  sentinel: ["2.8.4", "Holds the subcommands of the Sentinel.", OF_SUBCOMMAND],
  "sentinel|ckquorum": ["2.8.4", "Tells whether a failover could be agreed upon now.", UNTOLD],
  "sentinel|config": ["6.2.0", "Shows or changes global parameters."],
  "sentinel|debug": ["7.0.0", "Shows or changes periods and time limits."],
  "sentinel|failover": ["2.8.4", "Starts a failover without asking the other Sentinels.", UNTOLD],
  "sentinel|flushconfig": ["2.8.4", "Writes the state to the configuration file."],
  "sentinel|get-master-addr-by-name": ["2.8.4", "Shows the address of a master."],
  "sentinel|get-primary-addr-by-name": ["2.8.4", "GET-MASTER-ADDR-BY-NAME, as Valkey names it."],
  "sentinel|help": ["6.2.0", "Explains the subcommands of SENTINEL."],
  "sentinel|info-cache": ["3.2.0", "Shows the latest INFO of masters and replicas.", PER_MASTER],
  "sentinel|is-master-down-by-addr": ["2.8.4", "Asks for an opinion, and perhaps for a vote."],
  "sentinel|is-primary-down-by-addr": ["2.8.4", "IS-MASTER-DOWN-BY-ADDR, as Valkey names it."],
  "sentinel|master": ["2.8.4", "Shows the state of one master."],
  "sentinel|masters": ["2.8.4", "Shows the state of every master.", PER_MASTER],
  "sentinel|monitor": ["2.8.4", "Begins to watch a master."],
  "sentinel|myid": ["6.2.0", "Shows the id of this Sentinel."],
  "sentinel|pending-scripts": ["2.8.4", "Shows the scripts that run or wait.", UNTOLD],
  "sentinel|primaries": ["2.8.4", "MASTERS, as Valkey names it.", PER_MASTER],
  "sentinel|primary": ["2.8.4", "MASTER, as Valkey names it."],
  "sentinel|remove": ["2.8.4", "Stops watching a master."],
  "sentinel|replicas": ["5.0.0", "Shows the replicas of a master."],
  "sentinel|reset": ["2.8.4", "Forgets what was learnt about masters.", PER_MASTER],
  "sentinel|reset-epoch": ["7.0.0", "Takes epochs that are near their end back."],
  "sentinel|sentinels": ["2.8.4", "Shows the other Sentinels of a master."],
  "sentinel|set": ["2.8.4", "Changes options of one master."],
  "sentinel|simulate-failure": ["3.2.0", "Crashes at a chosen moment of a failover.", UNTOLD],
  "sentinel|slaves": ["2.8.0", "Shows the replicas of a master, under the older name."],
  shutdown: ["1.0.0", "Ends the process."],
  subscribe: ["2.0.0", "Listens to channels.", PER_NAME],
  unsubscribe: ["2.0.0", "Stops listening to channels.", PER_NAME],
};

/** The one command of a Sentinel that has a better name since. */
const DEPRECATED: readonly (readonly [Reply, Reply])[] = [
  [bulk("doc_flags"), { type: "set", items: [status("deprecated")] }],
  [bulk("deprecated_since"), bulk("5.0.0")],
  [bulk("replaced_by"), bulk("`SENTINEL REPLICAS`")],
];

/** The value of one command in COMMAND DOCS. */
export function documentCommand(spec: CommandSpec): Reply {
  const [since, summary, complexity = "O(1)"] = DOCS[spec.fullName] ?? ["1.0.0", ""];
  const history = HISTORY[spec.fullName] ?? [];
  const [container = ""] = spec.fullName.split("|");
  const entries: (readonly [Reply, Reply])[] = [
    [bulk("summary"), bulk(summary)],
    [bulk("since"), bulk(since)],
    [bulk("group"), bulk(GROUPS[container] ?? "server")],
  ];
  if (complexity !== "") entries.push([bulk("complexity"), bulk(complexity)]);
  if (spec.fullName === "sentinel|slaves") for (const one of DEPRECATED) entries.push(one);
  if (history.length > 0) {
    const items = history.map(([version, what]) => array([bulk(version), bulk(what)]));
    entries.push([bulk("history"), { type: "set", items }]);
  }
  const words = describeArguments(spec.fullName);
  if (words.length > 0) entries.push([bulk("arguments"), array(words)]);
  if (spec.subcommands.size > 0) {
    const subcommands = [...spec.subcommands.values()];
    entries.push([
      bulk("subcommands"),
      map(subcommands.map((sub) => [bulk(sub.fullName), documentCommand(sub)])),
    ]);
  }
  return map(entries);
}

/** Whether every command has its words here. */
export function isDocumented(spec: CommandSpec): boolean {
  return DOCS[spec.fullName] !== undefined;
}
