import { globMatcher } from "../base/glob.ts";
import type { AclCommand } from "./commands.ts";
import type { AclUser, Selector } from "./user.ts";

/** What a user may not do. A channel that is refused weighs more than a command. */
export type Denial =
  | { readonly reason: "command" }
  | { readonly reason: "channel"; readonly channel: string };

/** Null: allowed. Among the selectors' refusals, the one that came closest to allowing counts. */
export function checkPermission(
  user: AclUser,
  spec: AclCommand,
  args: readonly string[],
): Denial | null {
  let denial = checkSelector(user.root, spec, args);
  for (const selector of user.selectors) {
    if (denial === null) return null;
    const found = checkSelector(selector, spec, args);
    if (found === null || found.reason === "channel") denial = found;
  }
  return denial;
}

function checkSelector(
  selector: Selector,
  spec: AclCommand,
  args: readonly string[],
): Denial | null {
  if (!allowsCommand(selector, spec, args)) return { reason: "command" };
  const { channels } = spec;
  if (channels === null || selector.allChannels) return null;
  const { first, end, arePatterns } = channels;
  const channel = args
    .slice(first, end)
    .find((name) => !allowsChannel(selector, name, arePatterns));
  return channel === undefined ? null : { reason: "channel", channel };
}

function allowsCommand(selector: Selector, spec: AclCommand, args: readonly string[]): boolean {
  if (selector.commands.has(spec.fullName) || spec.flags.includes("no_auth")) return true;
  const word = args[1]?.toLowerCase();
  return word !== undefined && (selector.firstArgs.get(spec.fullName)?.has(word) ?? false);
}

/** A pattern to subscribe to must be one of the allowed patterns, letter for letter. */
function allowsChannel(selector: Selector, channel: string, literally: boolean): boolean {
  if (literally) return selector.channels.has(channel);
  for (const allowed of selector.channels) if (matcherOf(allowed)(channel)) return true;
  return false;
}

/** A request may name thousands of channels: each pattern is read once. */
function matcherOf(pattern: string): (text: string) => boolean {
  const known = MATCHERS.get(pattern);
  if (known !== undefined) return known;
  if (MATCHERS.size >= MAX_MATCHERS) MATCHERS.clear();
  const matcher = globMatcher(pattern);
  MATCHERS.set(pattern, matcher);
  return matcher;
}

const MAX_MATCHERS = 1024;
const MATCHERS = new Map<string, (text: string) => boolean>();
