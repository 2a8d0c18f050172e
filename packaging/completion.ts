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

const head = (form: string): string => `# ${form} of ${USAGE.program}, made from its help.\n`;
const functionName = `_${USAGE.program.replaceAll("-", "_")}`;

export function bashCompletion(directives: readonly Directive[]): string {
  const words = wordsOf(directives);
  const flags = words.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
  const cases = words.flatMap(({ name, values }) =>
    values === null ? [] : [`    --${name}) words='${values.join(" ")}' ;;`],
  );
  return `${head("bash completion")}
${functionName}() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD - 1]} in
${cases.join("\n")}
  esac
  if [[ -z $words && $current == -* ]]; then
    words='${flags.join(" ")}'
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F ${functionName} ${USAGE.program}
`;
}

export function zshCompletion(directives: readonly Directive[]): string {
  const specs = wordsOf(directives).flatMap((word) => {
    const names =
      word.short === undefined ? [`--${word.name}`] : [`--${word.name}`, `-${word.short}`];
    return names.map((name) => `  '${name}[${zshText(word.about)}]${zshValue(word)}' \\`);
  });
  return `#compdef ${USAGE.program}
${head("zsh completion")}
_arguments -S \\
${specs.join("\n")}
  '1:configuration file:_files' \\
  '*:argument:_files'
`;
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
  const lines = wordsOf(directives).map(({ name, short, about, values, takesNothing }) => {
    const parts = [`complete -c ${USAGE.program} -l ${name}`];
    if (short !== undefined) parts.push(`-s ${short}`);
    if (!takesNothing) parts.push("-r");
    if (values !== null) parts.push(`-f -a '${values.join(" ")}'`);
    if (about !== "") parts.push(`-d '${about.replace(/[\\']/g, "\\$&")}'`);
    return parts.join(" ");
  });
  return `${head("fish completion")}${lines.join("\n")}\n`;
}
