import { pairs, showWire, sortWire, type Wire } from "./wire.ts";

/** What is a daemon's own and therefore written as a name. */
export type Own = readonly (readonly [text: string, name: string])[];

/**
 * Replies as text, with what must differ between two processes under one name: ids, ports, ages,
 * amounts of memory, and the order of what the C program takes from a hash table.
 */
export function normalise(line: string, values: readonly Wire[], own: Own): string {
  const request = line.replace(/"/g, "").toLowerCase();
  const told = / help$/.test(request) ? values.map(dropDescriptions) : values;
  const sorted = told.map((value) => sortUnordered(request, value));
  let text = orderReplies(request, sorted.map(showWire)).join(" ");
  for (const [from, name] of own) text = text.replaceAll(from, `<${name}>`);
  if (request.startsWith("info")) text = text.replace(/(master\d+:name=.*?\\r\\n)+/, sortMasters);
  for (const { of, masks } of MASKS) {
    if (of.test(request)) for (const [from, to] of masks) text = text.replace(from, to);
  }
  return text;
}

/** Requests whose replies list a hash table, and to which depth of the reply. */
const UNORDERED: readonly (readonly [request: RegExp, picks: (at: At) => boolean])[] = [
  [/^acl cat( \S+)?$/, ({ depth }) => depth === 0],
  [/^acl getuser /, ({ mark }) => mark === "~"],
  [/^command list/, ({ depth }) => depth === 0],
  [/^command( info)?$/, ({ depth }) => depth === 0 || depth === 1 || depth === 2],
  [/^command info /, ({ mark, depth, holdsLists }) => mark === "~" || (depth === 2 && holdsLists)],
  [/^role$/, ({ depth }) => depth === 1],
  [/^(p?unsubscribe|sentinel (masters|replicas|slaves|sentinels))/, ({ depth }) => depth === 0],
];

interface At {
  readonly mark: string;
  readonly depth: number;
  readonly holdsLists: boolean;
}

function sortUnordered(request: string, value: Wire): Wire {
  const rule = UNORDERED.find(([of]) => of.test(request));
  const documented = /^command docs/.test(request) ? sortDocs(value) : value;
  if (rule === undefined) return documented;
  const [, picks] = rule;
  return sortWire(value, ({ mark, items }, depth) => {
    if (mark !== "*" && mark !== "~" && mark !== "%") return false;
    // The name of an entry must stay first among its siblings.
    if (mark === "*" && depth === 1 && !/^(acl|sentinel|role)/.test(request)) return false;
    return picks({ mark, depth, holdsLists: items.every(({ mark: inner }) => inner === "*") });
  });
}

/** COMMAND DOCS maps names to maps, in RESP2 as flat lists; `subcommands` is one of these again. */
function sortDocs(value: Wire): Wire {
  const entries = pairs(value.items).map(([name, doc]) => [name, sortDoc(doc)] as const);
  const sorted = [...entries].sort(([a], [b]) => (a.text < b.text ? -1 : 1));
  return { ...value, items: sorted.flat() };
}

function sortDoc(doc: Wire): Wire {
  const items = pairs(doc.items).flatMap(([key, value]) => [
    key,
    key.text === "subcommands" ? sortDocs(value) : value,
  ]);
  return { ...doc, items };
}

/** Descriptions are everybody's own words; the syntax lines are compared. */
function dropDescriptions(help: Wire): Wire {
  return { ...help, items: help.items.filter(({ text }) => !text.startsWith("    ")) };
}

/** The masters of INFO stand in the order of a hash, and are numbered in it. */
function sortMasters(block: string): string {
  const lines = block
    .split(/master\d+:/)
    .slice(1)
    .sort();
  return lines.map((line, index) => `master${index}:${line}`).join("");
}

/** A hash again: the patterns of one message. */
function sortPatterns(replies: readonly string[]): readonly string[] {
  const isPattern = (reply: string) => reply.includes('["pmessage"');
  return [...replies.filter((reply) => !isPattern(reply)), ...replies.filter(isPattern).sort()];
}

/** UNSUBSCRIBE without names leaves the channels in the order of a hash; the totals count down. */
function orderReplies(request: string, replies: readonly string[]): readonly string[] {
  if (request === "") return sortPatterns(replies);
  if (!/^p?unsubscribe$/.test(request)) return replies;
  const names = replies.map((reply) => reply.replace(/, :\d+\]$/, "")).sort();
  const totals = replies.map((reply) => /:\d+\]$/.exec(reply)?.[0] ?? "");
  return names.map((name, index) => `${name}, ${totals[index]}`);
}

interface Mask {
  readonly of: RegExp;
  readonly masks: readonly (readonly [RegExp, string])[];
}

const AGES =
  "last-ping-sent|last-ok-ping-reply|last-ping-reply|s-down-time|o-down-time|info-refresh|role-reported-time|last-hello-message|master-link-down-time|run-delay|run-time";
const CLIENT_NUMBERS =
  "id|fd|age|idle|qbuf|qbuf-free|argv-mem|rbs|rbp|obl|oll|omem|tot-mem|multi-mem";
const INFO_NUMBERS =
  "process_id|server_time_usec|uptime_in_seconds|uptime_in_days|hz|lru_clock|connected_clients|client_recent_max_input_buffer|client_recent_max_output_buffer|pubsub_clients|total_[a-z_]+|instantaneous_[a-z_]+|rejected_connections|pubsub_channels|pubsub_patterns|expire_cycle_cpu_milliseconds|reply_buffer_[a-z]+|eventloop_[a-z_]+|acl_access_denied_[a-z]+|used_cpu_[a-z_]+|sync_[a-z_]+";

const MASKS: readonly Mask[] = [
  {
    of: /^sentinel (master|masters|replicas|slaves|sentinels|pending-scripts)/,
    masks: [
      [new RegExp(`"(${AGES})"([:,]) "\\d+"`, "g"), '"$1"$2 "<number>"'],
      // Whoever looks at a port where nobody listens may meet an attempt to connect.
      [/,disconnected"/g, '"'],
      [/"(slave-repl-offset|link-pending-commands)"([:,]) "\d+"/g, '"$1"$2 "<number>"'],
    ],
  },
  { of: /^sentinel info-cache/, masks: [[/\[:\d+, ".*?"\]/g, '[:<age>, "<info>"]']] },
  {
    of: /^(client (info|list)|acl log)/,
    masks: [
      [new RegExp(`\\b(${CLIENT_NUMBERS})=\\d+`, "g"), "$1=<number>"],
      [/\baddr=127\.0\.0\.1:\d+/g, "addr=<address>"],
      [/("age-seconds"[:,] [",])[\d.e-]+/g, "$1<seconds>"],
      [/("(entry-id|timestamp-created|timestamp-last-updated)"[:,] :)\d+/g, "$1<number>"],
    ],
  },
  { of: /^(client id|hello)/, masks: [[/(^|"id"[:,] ):\d+/g, "$1:<id>"]] },
  { of: /^acl genpass/, masks: [[/[0-9a-f]/g, "h"]] },
  {
    of: /^info/,
    masks: [
      [new RegExp(`(?<=\\\\n)(${INFO_NUMBERS}):-?[\\d.]+`, "g"), "$1:<number>"],
      [/(?<=\\n)(redis_git_sha1|redis_build_id|run_id):[0-9a-f]+/g, "$1:<hex>"],
      [
        /(?<=\\n)(os|gcc_version|executable|config_file|multiplexing_api|atomicvar_api):.*?\\r/g,
        "$1:<text>\\r",
      ],
      [/(?<=\\n)monotonic_clock:.*?\\r/g, "monotonic_clock:<text>\\r"],
    ],
  },
  {
    of: /^command docs/,
    masks: [
      [/"(summary)"([:,]) ".*?(?<!\\)"/g, '"$1"$2 "<words>"'],
      [/, "complexity"[:,] ".*?(?<!\\)"/g, ""],
    ],
  },
];
