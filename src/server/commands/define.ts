import { array, type Reply, status } from "../../base/reply.ts";
import { ask } from "./question.ts";
import type { Category, Command, CommandSpec } from "./spec.ts";

/** A command that has subcommands, HELP among them. */
interface Container extends Command {
  readonly subcommands: readonly Command[];
  /** Names of subcommands in the order of COMMAND, some in each text; what is not named comes last. */
  readonly order: readonly string[];
  /** Likewise, in the order of HELP. */
  readonly helpOrder: readonly string[];
  /** What is not the same for HELP of each container. */
  readonly helpCommand: { readonly since: string; readonly categories: readonly Category[] };
}

/** A command without subcommands. */
export function command(own: Command): CommandSpec {
  return complete(own, own.name, own, new Map());
}

/** A command with subcommands; HELP is made of what they say of themselves. */
export function container(own: Container): CommandSpec {
  const all = [...own.subcommands, helpCommand(own)];
  const subcommands = inOrder(own.order, all).map(
    (sub) => [sub.name, complete(sub, `${own.name}|${sub.name}`, own, new Map())] as const,
  );
  return complete(own, own.name, own, new Map(subcommands));
}

/** Every spec is made here, so that all have the same shape. */
function complete(
  own: Command,
  fullName: string,
  { group = "server" }: Command,
  subcommands: ReadonlyMap<string, CommandSpec>,
): CommandSpec {
  return {
    fullName,
    arity: own.arity,
    flags: own.flags,
    categories: own.categories,
    tips: own.tips ?? [],
    isListed: own.isListed ?? true,
    group,
    since: own.since,
    summary: own.summary,
    complexity: own.complexity ?? "O(1)",
    history: own.history ?? [],
    deprecated: own.deprecated ?? null,
    words: own.words ?? [],
    run: own.run ?? null,
    ask: own.ask ?? ask,
    channels: own.channels ?? null,
    isRepeated: own.isRepeated ?? false,
    isForSubscribers: own.isForSubscribers ?? false,
    isWrite: own.isWrite ?? false,
    subcommands,
  };
}

function helpCommand(own: Container): Command {
  const title = own.name.toUpperCase();
  const text = helpText(title, own);
  return {
    name: "help",
    arity: 2,
    flags: ["loading", "stale"],
    categories: own.helpCommand.categories,
    since: own.helpCommand.since,
    summary: `Explains the subcommands of ${title}.`,
    run: () => text,
  };
}

function helpText(title: string, own: Container): Reply {
  const all = [own, ...inOrder(own.helpOrder, own.subcommands)];
  const entries = all.flatMap(({ help = [] }) => help);
  const lines = [
    `${title} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...entries.flatMap(([syntax, ...text]) => [syntax, ...text.map((line) => `    ${line}`)]),
    "HELP",
    "    Print this help.",
  ];
  return array(lines.map(status));
}

function inOrder(order: readonly string[], commands: readonly Command[]): Command[] {
  const places = new Map(
    order.flatMap((names) => names.split(" ")).map((name, place) => [name, place]),
  );
  const placeOf = ({ name }: Command) => places.get(name) ?? places.size;
  return commands.toSorted((a, b) => placeOf(a) - placeOf(b));
}
