import type { ConsoleOption } from "../src/console/options.ts";
import { USAGE } from "../src/usage.ts";
import type { Directive } from "./share.ts";

const NAME = USAGE.program;

/** The manual page in the macros of man(7); options and examples are those of `--help`. */
export function manPage(version: string, date: Date, directives: readonly Directive[]): string {
  const lines = [
    `.TH ${NAME.toUpperCase()} 1 "${date.toISOString().slice(0, 10)}" "${NAME} ${version}" "User commands"`,
    ".SH NAME",
    `${roff(NAME)} \\- ${roff("a Redis Sentinel, in place of redis-sentinel")}`,
    ".SH SYNOPSIS",
    `.B ${roff(NAME)}`,
    roff(USAGE.synopsis),
    ".br",
    `.B ${roff(NAME)}`,
    roff("COMMAND [name] [options]"),
    ".SH DESCRIPTION",
    ...sentences(
      "Watches Redis and Valkey servers, agrees with other Sentinels about which master is down, promotes a replica, and tells clients where the master is. It speaks the protocol of Redis Sentinel, keeps its state in the same file, and votes in one quorum with Redis Sentinels.",
    ),
    ...paragraph(USAGE.note),
    ...paragraph(
      "The configuration is read when the process starts. A running Sentinel is asked and changed with redis-cli(1), by the commands SENTINEL, CONFIG and ACL.",
    ),
    ".SH OPTIONS",
    ...Object.entries(USAGE.options).flatMap(([name, { alias, choices, describe }]) => {
      const flag = `--${name}${choices === undefined ? "" : ` ${choices.join("|")}`}`;
      return item(alias === undefined ? flag : `-${alias}, ${flag}`, describe);
    }),
    ...item(
      "--directive value ...",
      "A line of sentinel.conf. It wins over the file. Those of the commented sample, of masters left out:",
    ),
    ".RS",
    ...directives
      .filter(({ name }) => !(name in USAGE.options))
      .flatMap(({ name, about }) => item(`--${name}`, about || "See the sample.")),
    ".RE",
    ...item("-", "Reads more lines from standard input, to the end of it."),
    ...commandSections(),
    ".SH EXAMPLES",
    ...USAGE.examples.flatMap(([words, what]) => [
      ...item(`${NAME} ${words}`, `${what[0]?.toUpperCase()}${what.slice(1)}.`),
    ]),
    ".SH ENVIRONMENT",
    ...Object.entries(USAGE.options).flatMap(([name, { describe }]) => {
      const [variable] = /REDIS_SENTINEL_TS_\w+/.exec(describe) ?? [];
      return variable === undefined ? [] : item(variable, `As --${name}.`);
    }),
    ...item("REDIS_SENTINEL_TS_PING", "HOST:PORT or tls://HOST:PORT, for sentinel-ping."),
    ...item("NOTIFY_SOCKET", "Where systemd is told READY, with supervised systemd or auto."),
    ".SH FILES",
    ...item(
      "/etc/redis/sentinel.conf",
      "The file of the units. It holds the state and is replaced whenever that changes: its folder must be writable.",
    ),
    ...item(
      "/etc/redis/sentinel.conf.journal, /etc/redis/sentinel.conf.extra",
      "Beside it: what became of failovers; pauses, and what was forgotten. Both may be deleted.",
    ),
    ".SH SIGNALS",
    ...item("SIGTERM, SIGINT", "A clean end, with status 0."),
    ...item(
      "SIGHUP",
      "Certificates, the ACL file, tokens and the file of webhooks are read again.",
    ),
    ".SH EXIT STATUS",
    ...item("0", "A clean end."),
    ...item("1", "The start failed, or a fault of the program; the log says which."),
    ...item("99", "SENTINEL SIMULATE-FAILURE."),
    ...paragraph(`Of a command that looks: ${USAGE.exits.observing}.`),
    ...paragraph(`Of a command that acts: ${USAGE.exits.acting}.`),
    ".SH SEE ALSO",
    ".BR redis-sentinel (1),",
    ".BR redis-cli (1)",
  ];
  return `${lines.join("\n")}\n`;
}

/** What the console can do: each command with its own options, and those of all. */
function commandSections(): readonly string[] {
  return [
    ".SH COMMANDS",
    ...sentences(
      "A first word that is a command asks running Sentinels, of any make, and starts none. A file of such a name is said as ./status.",
    ),
    ...USAGE.commands.flatMap(({ name, words, summary, about, options, examples }) => [
      `.SS ${roff(`${name} ${words}`.trim())}`,
      ...sentences(`${summary}. ${about}`),
      ...Object.entries(options).flatMap(optionItem),
      ...examples.flatMap(([line, what]) =>
        item(`${NAME} ${line}`, `${what[0]?.toUpperCase()}${what.slice(1)}.`),
      ),
    ]),
    ".SS Options of all commands",
    ...Object.entries(USAGE.commonOptions).flatMap(optionItem),
  ];
}

function optionItem([name, option]: readonly [string, ConsoleOption]): readonly string[] {
  const { alias, choices, type, describe } = option;
  const value = choices?.join("|") ?? (type === "boolean" ? "" : name.toUpperCase());
  const flag = `--${name} ${value}`.trim();
  const usual = option.default === undefined ? "" : ` (usually ${option.default})`;
  return item(alias === undefined ? flag : `-${alias}, ${flag}`, `${describe}${usual}`);
}

function paragraph(text: string): readonly string[] {
  return [".PP", ...sentences(text)];
}

function item(term: string, text: string): readonly string[] {
  return [".TP", `.B ${roff(term)}`, ...sentences(text)];
}

/** Each sentence begins a line, as roff wants it, and lines are short. */
function sentences(text: string): readonly string[] {
  const lines = text.split(/(?<=[.:]) (?=[A-Z])/).flatMap((sentence) => wrapped(sentence));
  return lines.map(roff);
}

const WIDTH = 70;

function wrapped(sentence: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ")) {
    if (line !== "" && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
