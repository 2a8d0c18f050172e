import type { ConsoleOption } from "../src/console/options.ts";
import { USAGE } from "../src/usage.ts";
import type { Directive } from "./share.ts";

// Completion for three shells: our own options, the directives of the sample as options, files.

/** What a directive or an option may be, where that is a short list. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ["loglevel", ["debug", "verbose", "notice", "warning", "nothing"]],
  ["supervised", ["no", "systemd", "upstart", "auto"]],
  ["log-timestamp-format", ["legacy", "iso8601", "milliseconds"]],
  ["tls-auth-clients", ["yes", "no", "optional"]],
  ...["protected-mode", "daemonize", "syslog-enabled", "tls-replication"].map(
    (name) => [name, ["yes", "no"]] as const,
  ),
  ...Object.entries(USAGE.options).flatMap(([name, { choices }]) =>
    choices === undefined ? [] : [[name, choices] as const],
  ),
]);

interface Word {
  /** Without the two hyphens. */
  readonly name: string;
  readonly short?: string;
  readonly about: string;
  /** null: a word follows of which no list is known. */
  readonly values: readonly string[] | null;
  readonly takesNothing: boolean;
}

function wordsOf(directives: readonly Directive[]): readonly Word[] {
  const own = Object.entries(USAGE.options).map(([name, { alias, describe, type }]) => ({
    name,
    ...(alias !== undefined && { short: alias }),
    about: describe,
    values: VALUES.get(name) ?? null,
    takesNothing: type === "boolean",
  }));
  const names = new Set(own.map(({ name }) => name));
  const lines = directives
    .filter(({ name }) => !names.has(name))
    .map(({ name, about }) => ({
      name,
      about,
      values: VALUES.get(name) ?? null,
      takesNothing: false,
    }));
  return [...own, ...lines];
}

interface CommandWords {
  readonly name: string;
  readonly about: string;
  readonly options: readonly Word[];
}

/** The commands of the console; each has the common options, too. */
const COMMANDS: readonly CommandWords[] = USAGE.commands.map(({ name, summary, options }) => ({
  name,
  about: summary,
  options: Object.entries<ConsoleOption>({ ...options, ...USAGE.commonOptions }).map(
    ([option, { alias, describe, type, choices }]) => ({
      name: option,
      ...(alias !== undefined && { short: alias }),
      about: describe,
      values: choices ?? null,
      takesNothing: type === "boolean",
    }),
  ),
}));

const head = (form: string): string => `# ${form} of ${USAGE.program}, made from its help.\n`;
const functionName = `_${USAGE.program.replaceAll("-", "_")}`;

export function bashCompletion(directives: readonly Directive[]): string {
  const words = wordsOf(directives);
  const commands = COMMANDS.map(
    ({ name, options }) => `    ${name}) options='${flagsOf(options)}'; values=${name} ;;`,
  );
  const values = [
    ...valueCases("", words),
    ...COMMANDS.flatMap(({ name, options }) => valueCases(name, options)),
  ];
  return `${head("bash completion")}
${functionName}() {
  local current=\${COMP_WORDS[COMP_CWORD]} words= values= options='${flagsOf(words)}'
  COMPREPLY=()
  case \${COMP_WORDS[1]} in
${commands.join("\n")}
  esac
  case $values\${COMP_WORDS[COMP_CWORD - 1]} in
${values.join("\n")}
  esac
  if [[ -z $words && $current == -* ]]; then
    words=$options
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    if [[ $COMP_CWORD -eq 1 ]]; then
      mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W '${COMMANDS.map(({ name }) => name).join(" ")}' -- "$current")
    fi
  fi
}
complete -F ${functionName} ${USAGE.program}
`;
}

function flagsOf(words: readonly Word[]): string {
  return words
    .flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])])
    .join(" ");
}

/** What may follow an option, where that is a short list; `command` is the one that it belongs to. */
function valueCases(command: string, words: readonly Word[]): readonly string[] {
  return words.flatMap(({ name, values }) =>
    values === null ? [] : [`    ${command}--${name}) words='${values.join(" ")}' ;;`],
  );
}

export function zshCompletion(directives: readonly Directive[]): string {
  const names = COMMANDS.map(({ name, about }) => `    '${name}:${zshText(about)}'`);
  const cases = COMMANDS.map(
    ({ name, options }) => `  ${name})
    shift words; (( CURRENT-- ))
    _arguments -S \\
${zshSpecs(options)}
      '*:argument:_files'
    return ;;`,
  );
  return `#compdef ${USAGE.program}
${head("zsh completion")}
local -a commands
commands=(
${names.join("\n")}
)
if (( CURRENT > 2 )); then
  case $words[2] in
${cases.join("\n")}
  esac
elif [[ $words[2] != -* ]]; then
  _describe command commands
fi
_arguments -S \\
${zshSpecs(wordsOf(directives))}
  '1:configuration file:_files' \\
  '*:argument:_files'
`;
}

function zshSpecs(words: readonly Word[]): string {
  return words
    .flatMap((word) => {
      const names =
        word.short === undefined ? [`--${word.name}`] : [`--${word.name}`, `-${word.short}`];
      return names.map((name) => `  '${name}[${zshText(word.about)}]${zshValue(word)}' \\`);
    })
    .join("\n");
}

function zshValue({ name, values, takesNothing }: Word): string {
  if (takesNothing) return "";
  return `:${name}:${values === null ? "_files" : `(${values.join(" ")})`}`;
}

/** Within single quotes and brackets. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
}

export function fishCompletion(directives: readonly Directive[]): string {
  const all = COMMANDS.map(({ name }) => name).join(" ");
  const isNone = `not __fish_seen_subcommand_from ${all}`;
  const lines = [
    ...wordsOf(directives).map((word) => fishLine(word, isNone)),
    ...COMMANDS.flatMap(({ name, about, options }) => [
      `complete -c ${USAGE.program} -n '__fish_is_first_token' -a ${name} -d '${fishText(about)}'`,
      ...options.map((word) => fishLine(word, `__fish_seen_subcommand_from ${name}`)),
    ]),
  ];
  return `${head("fish completion")}${lines.join("\n")}\n`;
}

function fishLine({ name, short, about, values, takesNothing }: Word, condition: string): string {
  const parts = [`complete -c ${USAGE.program} -n '${condition}' -l ${name}`];
  if (short !== undefined) parts.push(`-s ${short}`);
  if (!takesNothing) parts.push("-r");
  if (values !== null) parts.push(`-f -a '${values.join(" ")}'`);
  if (about !== "") parts.push(`-d '${fishText(about)}'`);
  return parts.join(" ");
}

function fishText(text: string): string {
  return text.replace(/[\\']/g, "\\$&");
}
