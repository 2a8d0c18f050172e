import { REDIS_VERSION } from "../../../src/runtime/version.ts";
import { MENDED } from "./mended.ts";

/**
 * Every difference between our replies and those of Redis 7.0.15 that is meant to be. An entry holds
 * only if the two agree once their replies, and ours, are rewritten. One that no request needs is an error.
 */
export interface Intended {
  /** The line of the corpus. */
  readonly request: RegExp;
  readonly reason: string;
  readonly theirs?: readonly Replacement[];
  readonly ours?: readonly Replacement[];
}

type Replacement = readonly [from: RegExp | string, to: string];

const noPermission: readonly Replacement[] = [
  [/-NOPERM this user has no permissions to run/, "-NOPERM User <user> has no permissions to run"],
  [
    "-NOPERM this user has no permissions to access one of the channels used as arguments",
    "-NOPERM No permissions to access a channel",
  ],
];

const sinceSetInfo = " lib-name= lib-ver=";

const documented: readonly Replacement[] = [
  [/, "history"[:,] ~?\[\[.*?\]\](?=[,\]}])/g, ""],
  [/, "display_text"[:,] "[^"]*"/g, ""],
  [/"name"([:,]) "[^"]*"/g, '"name"$1 "<name>"'],
];

const argumentsOf: readonly Replacement[] = [[/"arguments"[:,] .*$/, "<arguments>"]];

const rules: readonly Replacement[] = [[/("commands"[:,]) "[^"]*"/g, '$1 "<rules>"']];

/** What 7.4 does and 7.0.15 does not; we follow 7.4. */
const VERSION: readonly Intended[] = [
  {
    request: /^(HELLO|INFO)/,
    reason: "we report the version whose behaviour we have, and in INFO our own",
    theirs: [[/(?<=redis_version:|")7\.0\.15/, REDIS_VERSION]],
    ours: [[/redis_sentinel_ts_version:[0-9.]+\\r\\n/, ""]],
  },
  {
    request: /^HELLO/,
    reason: "7.4 names the <proto> in this sentence",
    theirs: [["otherwise the HELLO AUTH", "otherwise the HELLO <proto> AUTH"]],
  },
  {
    request: /^CLIENT GETNAME$/,
    reason: "7.0.15 sets the name of a HELLO that fails; 7.4 changes nothing on an error",
    theirs: [
      ['"app2"', '"app1"'],
      ['"three"', '"two"'],
    ],
  },
  {
    request: /^INFO/,
    reason: "7.4 lists the listeners",
    ours: [[/listener0:name=tcp,bind=127\.0\.0\.1,port=<own port>\\r\\n/, ""]],
  },
  {
    request: /^INFO/,
    reason: "clients, as 7.4 counts them",
    ours: [
      [/pubsub_clients:<number>\\r\\nwatching_clients:0\\r\\n/, ""],
      [/(total_watched_keys|total_blocking_keys|total_blocking_keys_on_nokey):<number>\\r\\n/g, ""],
    ],
  },
  {
    request: /^INFO/,
    reason: "figures of 7.4",
    ours: [
      [/(?<=\\n)(expired_subkeys|evicted_scripts):0\\r\\n/g, ""],
      [/(?<=\\n)client_(query|output)_buffer_limit_disconnections:0\\r\\n/g, ""],
      [/(?<=\\n)(instantaneous_)?eventloop_[a-z_]+:<number>\\r\\n/g, ""],
      [/(?<=\\n)acl_access_denied_[a-z_]+:(0|<number>)\\r\\n/g, ""],
    ],
  },
  {
    request: /^CLIENT SETINFO/,
    reason: "SETINFO is new in 7.2",
    theirs: [["-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.", "<answer>"]],
    ours: [
      [/^\+OK$/, "<answer>"],
      [/^-ERR Unrecognized option 'foo'$/, "<answer>"],
      [/^-ERR LIB-VER cannot contain spaces, newlines or special characters\.$/, "<answer>"],
      [/^-ERR wrong number of arguments for 'client\|setinfo' command$/, "<answer>"],
    ],
  },
  {
    request: /^(CLIENT INFO|ACL LOG)/,
    reason: "7.2 added lib-name and lib-ver, 7.4 watch, to the line of a client",
    ours: [
      [/ multi=-1 watch=0 /g, " multi=-1 "],
      [new RegExp(sinceSetInfo, "g"), ""],
    ],
  },
  {
    request: /^CLIENT KILL MAXAGE/,
    reason: "MAXAGE is new in 7.4",
    theirs: [["-ERR syntax error", "<answer>"]],
    ours: [
      [
        /^(:0|-ERR maxage (is not an integer or out of range|should be greater than 0))$/,
        "<answer>",
      ],
    ],
  },
  {
    request: /^CLIENT HELP$/i,
    reason: "SETINFO is new in 7.2",
    ours: [[" +SETINFO <option> <value>,", ""]],
  },
  {
    request: /^CLIENT PAUSE 9223372036854775807$/,
    reason: "7.0.15 computes an end beyond 64 bits; 7.4 refuses it",
    theirs: [["+OK", "-ERR timeout is out of range"]],
  },
  {
    request: /^ACL (LIST|GETUSER)/,
    reason: "7.4 shows sanitize-payload, which is the default",
    theirs: [
      [
        /(user \S+ (on|off)( nopass)?)(?! nopass)(?! (skip-)?sanitize-payload)/g,
        "$1 sanitize-payload",
      ],
      [
        /("(on|off)"(, "nopass")?)(, "sanitize-payload")?(?!, "(nopass|skip-sanitize))/,
        '$1, "sanitize-payload"',
      ],
    ],
  },
  {
    request: /^ACL LOG/,
    reason: "7.2 added the id and the times of an entry",
    ours: [
      [
        /, "entry-id"[,:] :<number>, "timestamp-created"[,:] :<number>, "timestamp-last-updated"[,:] :<number>/g,
        "",
      ],
    ],
  },
  {
    request: /^ACL DRYRUN/,
    reason: "7.2 names the user",
    theirs: [["This user has no permissions", "User <user> has no permissions"]],
    ours: [[/User (alice|carol) has no permissions/, "User <user> has no permissions"]],
  },
  {
    request:
      /^(INFO|SENTINEL|P?SUBSCRIBE|UNSUBSCRIBE|PUBLISH|ACL|PING|CLIENT|SHUTDOWN|COMMAND|ROLE)/,
    reason: "7.2 names the user, and words the refusal of a channel anew",
    theirs: noPermission,
    ours: [
      [
        /-NOPERM User \S+ has no permissions to run/,
        "-NOPERM User <user> has no permissions to run",
      ],
    ],
  },
  {
    request: /^ACL GETUSER (alice|carol|ops|sentinel-user)$/,
    reason: "7.0.15 derives the rules from the permissions; 7.4 keeps them as they were given",
    theirs: rules,
    ours: rules,
  },
  {
    request: /^ACL LIST$/,
    reason: "7.0.15 derives the rules from the permissions; 7.4 keeps them as they were given",
    theirs: [[/(user (alice|ops|sentinel-user) .*? -@all)( \+[^" ]+| -[^" ]+)+/, "$1 <rules>"]],
    ours: [[/(user (alice|ops|sentinel-user) .*? -@all)( \+[^" ]+| -[^" ]+)+/, "$1 <rules>"]],
  },
  {
    request: /^INFO/,
    reason: "A Sentinel that cannot save says so, in a field of ours behind the others",
    ours: [[/sentinel_(total_tilt:0|save_status:ok)\\r\\n/g, ""]],
  },
  {
    request: /^COMMAND (LIST|COUNT)/,
    reason: "CLIENT SETINFO is new in 7.2",
    ours: [['"client|setinfo", ', ""]],
  },
  {
    request: /^ACL CAT (slow|connection)$/,
    reason: "CLIENT SETINFO is new in 7.2",
    ours: [[' "client|setinfo",', ""]],
  },
  {
    request: /^ACL CAT (admin|slow|dangerous)$/,
    reason: "Valkey's names for four subcommands, and subcommands of ours",
    ours: [
      [' "sentinel|get-primary-addr-by-name",', ""],
      [' "sentinel|is-primary-down-by-addr",', ""],
      [' "sentinel|primaries", "sentinel|primary",', ""],
      [/ "sentinel\|(reset-epoch|explain|forget|history-id|journal|pause|pauses|resume)",/g, ""],
    ],
  },
  {
    request: /^COMMAND GETKEYS(ANDFLAGS)? (ping|info)$/,
    reason: "7.2 takes a command without arguments",
    theirs: [
      [
        /^-ERR wrong number of arguments for 'command\|getkeys(andflags)?' command$/,
        "-ERR The command has no key arguments",
      ],
    ],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "7.2 takes a command without arguments in GETKEYS",
    ours: [[/(\["command\|getkeys(andflags)?", :-)3/g, "$14"]],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "7.2 asks for more than one parameter of SENTINEL CONFIG",
    ours: [[/(\["sentinel\|config", :-)4/g, "$13"]],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "7.2 tells cluster proxies to send ACL DELUSER, SAVE, SETUSER, CLIENT SETNAME to all",
    ours: [[/"request_policy:all_nodes", "response_policy:all_succeeded"/g, ""]],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "CLIENT SETINFO is new in 7.2",
    ours: [[/\["client\|setinfo".*?\], (?=\["client\|setname")/, ""]],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "SENTINEL FAILOVER takes Valkey's COORDINATED and words of ours",
    ours: [[/(\["sentinel\|failover", :)-3/g, "$13"]],
  },
  {
    request: /^SENTINEL FAILOVER a b$/,
    reason: "as with Valkey: more words are no wrong number",
    theirs: [[/-ERR wrong number .* command/, "-ERR No such master with that name"]],
  },
  {
    request: /^SENTINEL SENTINELS stuck$/,
    reason: "a forced failover asks for votes, so that its epoch is nobody else's",
    ours: [
      [/("voted-leader"[,:] )"<(?:own|peer) id>"/g, '$1"?"'],
      [/("voted-leader-epoch"[,:] )"\d+"/g, '$1"0"'],
    ],
  },
  {
    request: /^COMMAND( INFO.*)?$/,
    reason: "Valkey's names for four subcommands",
    ours: [
      [
        /\["sentinel\|(get-primary-addr-by-name|is-primary-down-by-addr|primaries|primary|reset-epoch|explain|forget|history-id|journal|pause|pauses|resume)".*?\], (?=\["sentinel)/g,
        "",
      ],
    ],
  },
  {
    request: /^COMMAND DOCS/,
    reason: "7.2 renamed arguments, and added display_text; what changed when is in our words",
    theirs: documented,
    ours: documented,
  },
  {
    request: /^COMMAND DOCS client\|pause$/,
    reason: "7.2 corrected the version that brought CLIENT PAUSE",
    theirs: [['"2.9.50"', '"3.0.0"']],
  },
  {
    request: /^COMMAND DOCS command(\|getkeys(andflags)?)?$/,
    reason: "7.2 documents the arguments of GETKEYS",
    ours: [
      [
        /, "arguments"[:,] \[%?[[{]"name"[:,] "<name>", "type"[:,] "string"[\]}], %?[[{]"name"[:,] "<name>", "type"[:,] "string", "flags"[:,] ~?\[\+optional, \+multiple\][\]}]\]/g,
        "",
      ],
    ],
  },
  {
    request: /^COMMAND DOCS (client\|(kill|list)|psubscribe|sentinel\|debug)$/,
    reason: "7.2 and 7.4 changed the arguments; ours were compared with the tables of 7.4",
    theirs: argumentsOf,
    ours: argumentsOf,
  },
  {
    request: /^SENTINEL HELP$/i,
    reason: "CONFIG takes several parameters since 7.2",
    theirs: [
      ["CONFIG SET <param> <value>", "CONFIG SET param value [param value ...]"],
      ["CONFIG GET <param>", "CONFIG GET <param> [param param param ...]"],
    ],
  },
  {
    request: /^SENTINEL CONFIG GET /,
    reason: "loglevel is new in 7.2",
    ours: [[/(, )?"loglevel"[:,] "notice"/, ""]],
  },
  {
    request: /^SENTINEL CONFIG/,
    reason: "CONFIG takes several parameters since 7.2, and loglevel",
    theirs: [
      [
        /^(-ERR Only SENTINEL CONFIG GET <option> \/ SET <option> <value> are supported\.|-ERR Invalid argument 'loglevel' to SENTINEL CONFIG SET)$/,
        "<answer>",
      ],
    ],
    ours: [
      [
        /^-ERR Only SENTINEL CONFIG GET <param> \[<param> <param> \.\.\.\] \/ SET <param> <value> \[<param> <value> \.\.\.\] are supported\.$/,
        "<answer>",
      ],
      [/^-ERR wrong number of arguments for 'sentinel\|config' command$/, "<answer>"],
      [
        /^-ERR (Invalid (value|argument)|Duplicate argument|Missing argument) '(loud|loglevel|announce-ip|70000|foo)'.*$/,
        "<answer>",
      ],
      [/^\+OK$/, "<answer>"],
      [/^[%[]\{?"announce-hostnames".*"announce-port"[,:] "0"[\]}]$/, "<answer>"],
    ],
  },
  {
    request: /^SENTINEL SET mymaster quorum 2( |$)/,
    reason: "7.4 delivers a message of the client's own command after its reply",
    theirs: [[/^((?:>\["p?message".*\] )+)(\+OK|-ERR .*)$/, "$2 $1"]],
    ours: [[/$/, " "]],
  },
];

export const INTENDED: readonly Intended[] = [...VERSION, ...MENDED];
