import type { Intended } from "./intended.ts";

/** Where we are better on purpose [D-CONTROL-CHARS] [D-REFUSED-VALUES] [D-NUL]. */
export const MENDED: readonly Intended[] = [
  {
    request: /^SENTINEL (CONFIG SET|SET|MONITOR) .*\\(n|r|x00|x7f)/,
    reason: "a control character in a name or a value could write lines into the file",
    theirs: [[/^\+OK$/, "<refused>"]],
    ours: [
      [
        /^-ERR Control characters are not allowed in the (value of '[a-z-]+'|arguments of SENTINEL SET|name of a master)$/,
        "<refused>",
      ],
    ],
  },
  {
    request: /^SENTINEL CONFIG GET \*$/,
    reason: "values with control characters were refused",
    theirs: [
      [/("announce-ip"[:,]) "10\.0\.0\.1\\nsentinel myid x"/, '$1 ""'],
      [/("sentinel-user"[:,]) "a\\nb"/, '$1 ""'],
      [/("sentinel-pass"[:,]) "a"/, '$1 ""'],
    ],
  },
  {
    request: /^SENTINEL MASTER mymaster$/,
    reason: "SET with a control character changes nothing, not even the options before it",
    theirs: [[/("quorum"[:,] )"7"/, '$1"2"']],
  },
  {
    request: /^ROLE$/,
    reason: "names with control characters were refused",
    theirs: [['"m\\nx", "mymaster", "mymaster\u007f"', '"mymaster"']],
  },
  {
    request: /^SENTINEL SET mymaster quorum 99999999999$/,
    reason: "a quorum beyond 32 bits would be cut to another number",
    theirs: [["+OK", "<refused>"]],
    ours: [["-ERR Invalid argument '99999999999' for SENTINEL SET 'quorum'", "<refused>"]],
  },
  {
    request: /^SENTINEL IS-MASTER-DOWN-BY-ADDR 127\.0\.0\.1 \{master\} -1 \*$/,
    reason: "a negative epoch, as an unsigned number, would be beyond all others",
    theirs: [['[:0, "*", :0]', "<refused>"]],
    ours: [["-ERR value is not an integer or out of range", "<refused>"]],
  },
  {
    request: /^SENTINEL MASTER m2$/,
    reason: "a hello whose port is no number is ignored; C reads 0 and lists a Sentinel there",
    theirs: [[/("num-other-sentinels"[:,] )"3"/, '$1"2"']],
  },
  {
    request: /^ACL (SETUSER dave %RW?|LIST)$/,
    reason: "a key pattern without ~ is refused; C takes it for the empty pattern",
    theirs: [
      ["+OK", "<refused>"],
      [/"user dave off sanitize-payload ~ resetchannels -@all", /, ""],
    ],
    ours: [[/^-ERR Error in ACL SETUSER modifier '%RW?': Syntax error$/, "<refused>"]],
  },
  {
    request: /^PING( x)?\\x00(y)?\\r\\n$/,
    reason: "a NUL in an inline line ends its text; C never finds the end of the line and waits",
    ours: [[/^"(\+PONG|\$1\\r\\nx)\\r\\n"$/, '""']],
  },
  {
    request: /^\*1\\r\\n\\x00\\r\\n$/,
    reason: "a NUL in place of $ is an error; C never finds the end of the line and waits",
    ours: [[/^"-ERR Protocol error: expected '\$', got '\\u0000'\\r\\n"$/, '""']],
  },
];
