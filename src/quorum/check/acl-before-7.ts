/** What a Sentinel says to a server, each as the words of a command [PROMOTE-ORDER]. */
export const NEEDED_COMMANDS: readonly (readonly string[])[] = [
  ["ping"],
  ["info"],
  ["publish", "__sentinel__:hello", "x"],
  ["subscribe", "__sentinel__:hello"],
  ["multi"],
  ["exec"],
  ["slaveof", "no", "one"],
  ["config", "rewrite"],
  ["client", "kill", "type", "normal"],
  ["script", "kill"],
];

/** Categories of 6.0 and 6.2. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  ping: ["keyspace", "fast", "connection"],
  info: ["slow", "dangerous"],
  publish: ["pubsub", "fast"],
  subscribe: ["pubsub", "slow"],
  multi: ["fast", "connection", "transaction"],
  exec: ["slow", "connection", "transaction"],
  slaveof: ["admin", "slow", "dangerous"],
  config: ["admin", "slow", "dangerous"],
  client: ["admin", "slow", "dangerous", "connection"],
  script: ["slow", "scripting"],
};

/**
 * Which of them a user may not do, by the rules that ACL GETUSER tells: before 7.0 there is no ACL DRYRUN. Rules are
 * read from left to right, and the last one that is about a command counts.
 */
export function refusedByRules(commands: string, channels: readonly string[] | null): string[] {
  const rules = commands.toLowerCase().split(/\s+/);
  return NEEDED_COMMANDS.filter((words) => {
    const isAllowed = rules.reduce((before, rule) => applied(rule, words) ?? before, false);
    return !isAllowed || !mayUseChannel(words, channels);
  }).map((words) => nameOfCommand(words));
}

/** What a rule says of a command; null: it is about others. */
function applied(rule: string, [command = "", word = ""]: readonly string[]): boolean | null {
  const [, sign, what = ""] = /^([+-])(\S+)$/.exec(rule) ?? [];
  if (sign === undefined)
    return rule === "allcommands" ? true : rule === "nocommands" ? false : null;
  const category = what.startsWith("@") ? what.slice(1) : null;
  const isMeant =
    category === null
      ? what === command || what === `${command}|${word}`
      : category === "all" || (CATEGORIES[command]?.includes(category) ?? false);
  return isMeant ? sign === "+" : null;
}

/** Null: of 6.0, which knows no channels. A pattern with more than a star at its end is taken as it stands. */
function mayUseChannel(
  [command, channel = ""]: readonly string[],
  channels: readonly string[] | null,
): boolean {
  if (channels === null || (command !== "publish" && command !== "subscribe")) return true;
  return channels.some((told) => {
    const pattern = told.replace(/^&/, "");
    if (pattern === "*" || pattern === channel || pattern === "allchannels") return true;
    return pattern.endsWith("*") && channel.startsWith(pattern.slice(0, -1));
  });
}

/** `config rewrite`, `client kill`, `ping`. */
export function nameOfCommand([command = "", word]: readonly string[]): string {
  const hasSubcommands = ["config", "client", "script"].includes(command);
  return hasSubcommands ? `${command} ${word}` : command;
}
