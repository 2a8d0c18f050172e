/**
 * Where our file handling differs from Redis 7.0.15 on purpose. Any other difference fails
 * test/parity/config.test.ts, and so does an entry that no longer occurs.
 */
export type Difference = {
  readonly reason: string;
  readonly part: Part;
  /** Names of the cases in which it may occur. */
  readonly cases: RegExp;
} & (
  | {
      /** Lines that only Redis has, lines that only we have; with both, each needs the other. */
      readonly c?: RegExp;
      readonly ours?: RegExp;
    }
  | {
      /** A part of our lines, and what stands in its place in the same line of Redis. */
      readonly c?: never;
      readonly ours: RegExp;
      readonly becomes: string;
    }
);

/** `verdict`: start or error; `state`: what commands show; `file`: the lines of a rewrite. */
export type Part = "verdict" | "state" | "file";

/** Cases whose values C writes without the quotes that they need. */
const QUOTED = /^(a password with a space|an empty password|a master's name with a space)\b/;

export const DIFFERENCES: readonly Difference[] = [
  {
    reason: "7.4 writes the word that 7.0 leaves out; 6.2 and later read it.",
    part: "file",
    cases: /^/,
    ours: / sanitize-payload/,
    becomes: "",
  },
  {
    reason: "7.4 shows the word that 7.0 leaves out.",
    part: "state",
    cases: /^/,
    ours: / sanitize-payload/,
    becomes: "",
  },
  {
    reason: "7.4 added loglevel to SENTINEL CONFIG.",
    part: "state",
    cases: /^/,
    ours: /^setting loglevel=/,
  },
  {
    reason:
      "No 6.2 starts with this line; we write it only if the file has it or its value is set.",
    part: "file",
    cases: /^/,
    c: /^latency-tracking-info-percentiles 50 99 99\.9$/,
  },
  {
    reason: "7.2 and later keep the rules of a user as given; 7.0 shows what remains of them.",
    part: "state",
    cases: /^users\b/,
    c: /^user (ops .* -@all \+ping|reader .* -@all)$/,
    ours: /^user (ops .* -@all \+ping \+sentinel\|masters -@dangerous|reader .* -@all \+@read)$/,
  },
  {
    reason: "7.2 and later keep the rules of a user as given; 7.0 writes what remains of them.",
    part: "file",
    cases: /^users\b/,
    c: /^user (ops .* -@all \+ping|reader .* -@all)$/,
    ours: /^user (ops .* -@all \+ping \+sentinel\|masters -@dangerous|reader .* -@all \+@read)$/,
  },
  {
    reason:
      "An included file is not copied into the main one, or a later edit of it had no effect.",
    part: "file",
    cases: /^(an included file|a pattern of files)/,
    c: /^(tcp-keepalive 60|timeout 7)$/,
  },
  {
    reason: "7.4 turns the old word into the new one; 7.0 writes both and refuses both afterwards.",
    part: "file",
    cases: /^the old word for replicas/,
    c: /^sentinel known-slave m 127\.0\.0\.1 2$/,
  },
  {
    reason: "The new names are unknown to 6.2; we keep the old one, which every server takes.",
    part: "file",
    cases: /^aliases that older servers need/,
    c: /^(busy-reply-threshold 6000|hash-max-listpack-entries 5)$/,
    ours: /^(lua-time-limit 6000|hash-max-ziplist-entries 5)$/,
  },
  {
    reason: "C writes an empty host for a name that does not resolve, and fails at the next start.",
    part: "file",
    cases: /^unresolvable/,
    ours: /^sentinel monitor m host\.invalid 1 2$/,
    becomes: "sentinel monitor m  1 2",
  },
  {
    reason: "C writes values without the quotes that they need, and fails at the next start.",
    part: "file",
    cases: QUOTED,
    ours: /"/g,
    becomes: "",
  },
  {
    reason: "C cannot read the quote that it wrote, and repeats the line at every rewrite.",
    part: "file",
    cases: /^a password with a quote/,
    c: /^(# \?\?\? )?sentinel auth-pass m a"b$/,
    ours: /^sentinel auth-pass m "a\\"b"$/,
  },
  {
    reason: "What C wrote without quotes or host does not load; what we wrote does.",
    part: "state",
    cases: /^(a password with|an empty password|a master's name|unresolvable).*, as we read it$/,
    c: /^refused: .*(Unrecognized sentinel configuration statement\.|Unbalanced quotes in .*)$/,
    ours: /^/,
  },
  {
    reason: "7.2 and later keep the rules of a user as given; 7.0 writes what remains of them.",
    part: "state",
    cases: /^users, as we read it$/,
    c: /^ *"(ops .* -@all \+ping|reader .* -@all)",?$/,
    ours: /^ *"(ops .* -@all \+ping \+sentinel\|masters -@dangerous|reader .* -@all \+@read)",?$/,
  },
  {
    reason: "Valkey's spelling is taken in addition.",
    part: "verdict",
    cases: /^(sentinel primary-reboot-down-after-period |Valkey's word$)/,
    c: /^exit 1 .*Unrecognized sentinel configuration statement\.$/,
    ours: /^(started|taken|exit 1 .*(negative time parameter|No such master with specified name)\.)$/,
  },
  {
    reason: "The advice behind the first sentence is in words of our own.",
    part: "verdict",
    cases: /^an ACL file and users$/,
    c: /^exit 1 \| Configuring Redis with users defined in redis\.conf and at the same setting an ACL file path is invalid\. /,
    ours: /^exit 1 \| Configuring Redis with users defined in redis\.conf and at the same setting an ACL file path is invalid\. /,
  },
  {
    reason: "We name the rule's fault last, C a sentence without content behind it.",
    part: "verdict",
    cases: /^(a rule for an unknown (command|category)|channels above the line that allows all)$/,
    c: /^exit 1 \| Critical error while loading ACLs\. Exiting\.$/,
    ours: /^exit 1 \| Error loading ACL rule '(\+@?nosuch|&foo)' for the user named 'ops': (Unknown|Adding)/,
  },
  {
    reason: "The sentence names the file.",
    part: "verdict",
    cases: /^a log in a missing folder$/,
    c: /^exit 1 \| \*\*\* FATAL CONFIG FILE ERROR \(Redis\) \*\*\* \| Can't open the log file: No such file or directory$/,
    ours: /^exit 1 \| Can't open the log file '.*nosuch\/log': No such file or directory$/,
  },
  {
    reason: "Directives that came after 7.0.",
    part: "verdict",
    cases:
      /^(hide-user-data-from-log|cluster-announce-human-nodename|(server|bio|aof-rewrite|bgsave)-cpulist|locale-collate|max-new-(tls-)?connections-per-cycle|cluster-ping-interval|set-max-listpack-(entries|value)|unixsocketgroup|tls-groups|tls-expected-peer-name|log-(timestamp-)?format|tls-auth-clients-user|tls-auto-reload-interval) ?/,
    c: /^exit 1 .*Bad directive or wrong number of arguments$/,
    ours: /^/,
  },
  {
    reason: "A log level that came after 7.0.",
    part: "verdict",
    cases: /^loglevel /,
    ours: /, nothing$/,
    becomes: "",
  },
  {
    reason: "A log level that came after 7.0.",
    part: "verdict",
    cases: /^loglevel nothing$/,
    c: /argument\(s\) must be one of the following: debug, verbose, notice, warning$/,
    ours: /^taken$/,
  },
  {
    reason:
      "A matter of the allocator with which C was built; a Sentinel has nothing to defragment.",
    part: "verdict",
    cases: /^activedefrag yes$/,
    c: /Active defragmentation cannot be enabled/,
    ours: /^taken$/,
  },
  {
    reason: "7.4 refuses a key pattern without ~, which 7.0 takes for an empty one.",
    part: "verdict",
    cases: /^user ops %R$/,
    c: /^taken$/,
    ours: /Error in user declaration 'user': Syntax error$/,
  },
  {
    reason: "A first argument with a blank could not be read back from an ACL file.",
    part: "verdict",
    cases: /^user ops "\+ping\|a b"$/,
    c: /^taken$/,
    ours: /Error in user declaration 'user': Syntax error$/,
  },
  {
    reason: "C shows whichever error was the last before, by accident.",
    part: "verdict",
    cases: /^user ops \(\+ping( ~a zz)?$/,
    c: /Error in user declaration 'user': /,
    ours: /Error in user declaration 'user': Syntax error$/,
  },
  {
    reason: "A replica given twice is no reason not to start; 7.0 writes such files itself.",
    part: "verdict",
    cases: /^sentinel known-(replica|slave) m 127\.0\.0\.1 5555$/,
    c: /Duplicate hostname and port for replica\.$/,
    ours: /^taken$/,
  },
];
