import { array, type Reply, status } from "../core/reply.ts";
import type { Handlers } from "./call.ts";

/** A syntax line of a subcommand and what it does, in our words. */
type Entry = readonly [syntax: string, ...description: string[]];

export const helpCommands: Handlers = {
  "acl|help": () => help("ACL", ACL_HELP),
  "client|help": () => help("CLIENT", CLIENT_HELP),
  "command|help": () => help("COMMAND", COMMAND_HELP),
  "sentinel|help": () => help("SENTINEL", SENTINEL_HELP),
};

function help(container: string, entries: readonly Entry[]): Reply {
  const lines = [
    `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...entries.flatMap(([syntax, ...text]) => [syntax, ...text.map((line) => `    ${line}`)]),
    "HELP",
    "    Print this help.",
  ];
  return array(lines.map(status));
}

/** 49 lines with the frame, as the reference has. */
const SENTINEL_HELP: readonly Entry[] = [
  [
    "CKQUORUM <master-name>",
    "Tell whether enough Sentinels are reachable to agree that",
    "the master is down and to authorize a failover.",
  ],
  ["CONFIG SET param value [param value ...]", "Change global parameters; all of them or none."],
  [
    "CONFIG GET <param> [param param param ...]",
    "Show the global parameters that match the patterns.",
  ],
  [
    "DEBUG [<param> <value> ...]",
    "Show the periods and time limits in milliseconds,",
    "or change some until the next restart.",
  ],
  ["GET-MASTER-ADDR-BY-NAME <master-name>", "Show the address clients of this master should use."],
  [
    "FAILOVER <master-name>",
    "Start a failover now, as if the master were down,",
    "without asking the other Sentinels.",
  ],
  ["FLUSHCONFIG", "Write the current state to the configuration file."],
  [
    "INFO-CACHE <master-name>",
    "Show the latest INFO output of the masters and their replicas",
    "with its age in milliseconds.",
  ],
  [
    "IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>",
    "Ask whether this Sentinel holds the master at that address",
    "for down; with a run id, also ask for its vote.",
  ],
  ["MASTER <master-name>", "Show the state of one master."],
  ["MASTERS", "Show the state of every master."],
  ["MONITOR <name> <ip> <port> <quorum>", "Begin to watch a master."],
  ["MYID", "Show the id of this Sentinel."],
  ["PENDING-SCRIPTS", "Show the scripts that run or wait."],
  ["REMOVE <master-name>", "Stop watching a master and forget it."],
  ["REPLICAS <master-name>", "Show the replicas of a master."],
  [
    "RESET <pattern>",
    "Forget what was learnt about the masters whose names match",
    "and discover their replicas and Sentinels again.",
  ],
  ["SENTINELS <master-name>", "Show the other Sentinels that watch a master."],
  ["SET <master-name> <option> <value> [<option> <value> ...]", "Change options of one master."],
  [
    "SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]",
    "Crash at a chosen moment of the next failover.",
  ],
];

const CLIENT_HELP: readonly Entry[] = [
  ["CACHING (YES|NO)", "Choose whether the keys of the next command are tracked."],
  ["GETREDIR", "Show the client that receives our invalidation messages."],
  ["GETNAME", "Show the name of this connection."],
  ["ID", "Show the id of this connection."],
  ["INFO", "Show what the server knows about this connection."],
  ["KILL <ip:port>", "Close the connection from this address."],
  [
    "KILL <option> <value> [<option> <value> [...]]",
    "Close every connection that fits all options:",
    "* ADDR (<ip:port>|<unixsocket>:0)",
    "  The client's end.",
    "* LADDR (<ip:port>|<unixsocket>:0)",
    "  Our end.",
    "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "  What it is used for.",
    "* USER <username>",
    "  Who is authenticated on it.",
    "* SKIPME (YES|NO)",
    "  Spare this connection; YES unless told.",
    "* ID <client-id>",
    "  Its id.",
    "* MAXAGE <maxage>",
    "  At least this many seconds old.",
  ],
  [
    "LIST [options ...]",
    "Show the clients, one line each:",
    "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "  Only those of this type.",
    "* ID <id> [<id> ...]",
    "  Only these.",
  ],
  ["UNPAUSE", "End a pause."],
  ["PAUSE <timeout> [WRITE|ALL]", "Hold the commands of all clients back for some milliseconds."],
  ["REPLY (ON|OFF|SKIP)", "Choose which commands of this connection are answered."],
  ["SETNAME <name>", "Name this connection."],
  ["SETINFO <option> <value>", "Tell the client library's name (LIB-NAME) or version (LIB-VER)."],
  ["UNBLOCK <clientid> [TIMEOUT|ERROR]", "Free a client that waits in a blocking command."],
  [
    "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
    "         [OPTIN] [OPTOUT] [NOLOOP]",
    "Ask for invalidation messages; a Sentinel has no keys to send any for.",
  ],
  ["TRACKINGINFO", "Show what was asked for with TRACKING."],
  ["NO-EVICT (ON|OFF)", "Protect this connection from being closed to save memory."],
];

const COMMAND_HELP: readonly Entry[] = [
  ["(no subcommand)", "Describe every command."],
  ["COUNT", "Show the number of commands."],
  ["LIST", "Show the names of the commands, perhaps filtered by FILTERBY."],
  ["INFO [<command-name> ...]", "Describe these commands, or every one."],
  ["DOCS [<command-name> ...]", "Document these commands, or every one."],
  ["GETKEYS <full-command>", "Show the keys in a whole command."],
  ["GETKEYSANDFLAGS <full-command>", "Show the keys in a whole command and how they are used."],
];

const ACL_HELP: readonly Entry[] = [
  ["CAT [<category>]", "Show the categories, or the commands of one."],
  ["DELUSER <username> [<username> ...]", "Delete users and close their connections."],
  ["DRYRUN <username> <command> [<arg> ...]", "Tell whether the user may run the command."],
  ["GETUSER <username>", "Show what a user may do."],
  ["GENPASS [<bits>]", "Make a random password, of 256 bits unless told."],
  ["LIST", "Show every user as a line of the configuration file."],
  ["LOAD", "Read the users from the ACL file again."],
  ["LOG [<count> | RESET]", "Show the latest refusals, or forget them."],
  ["SAVE", "Write the users to the ACL file."],
  ["SETUSER <username> <attribute> [<attribute> ...]", "Create a user or change it."],
  ["USERS", "Show the names of the users."],
  ["WHOAMI", "Show the user of this connection."],
];
