import { strictNumber } from "../../../base/integers.ts";
import { array, bulk, error, map, type Reply } from "../../../base/reply.ts";
import type { Explanation } from "../../../explain/situation.ts";
import { SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import type { Session } from "../../session.ts";
import { integerWord, OPTIONAL, textWord } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

const USUAL_COUNT = 100;
const MOST_COUNT = 1_000;
const NO_SUCH_MASTER = error("ERR No such master with that name");

/** What has happened, and what happens; both look, and change nothing. */
export const lookCommands: readonly Command[] = [
  {
    name: "explain",
    arity: 3,
    ...OPERATOR,
    since: "7.0.0",
    isListed: false,
    summary: "Says why a master is not failed over, or what would happen now.",
    complexity: per("masters"),
    words: [textWord("master-name")],
    run: explain,
  },
  {
    name: "journal",
    arity: -3,
    ...OPERATOR,
    since: "7.0.0",
    isListed: false,
    summary: "Shows what became of failovers, and other incidents.",
    complexity: per("entries"),
    words: [
      textWord("master-name"),
      integerWord("count", { token: "COUNT", ...OPTIONAL }),
      integerWord("unix-time-milliseconds", { token: "SINCE", ...OPTIONAL }),
    ],
    run: journal,
  },
];

/** `<name>` [D-EXPLAIN] */
function explain({ ctx, client, args }: Call): Outcome {
  const found = ctx.host.explain(args[2] ?? "");
  if (found === null) return "postponed";
  return later(client, found, explanation);
}

/** What comes too late for its client is dropped. */
function later<T>(client: Session, found: Promise<T | null>, reply: (what: T) => Reply): Outcome {
  void found.then((what) =>
    client.contain(() => client.answer(what === null ? NO_SUCH_MASTER : reply(what))),
  );
  return "later";
}

function explanation({ verdict, code, text, facts, next, todo }: Explanation): Reply {
  const list = (lines: readonly string[]) => array(lines.map(bulk));
  return map([
    [bulk("verdict"), bulk(verdict)],
    [bulk("code"), bulk(code)],
    [bulk("text"), bulk(text)],
    [bulk("facts"), list(facts)],
    [bulk("next"), list(next)],
    [bulk("todo"), list(todo)],
  ]);
}

/** `<name> [COUNT n] [SINCE ms]`: the last ones, the oldest of them first, each as JSON [D-JOURNAL]. */
function journal({ ctx, client, args }: Call): Outcome {
  const [, , name = "", ...options] = args;
  const terms = { count: USUAL_COUNT, since: 0 };
  for (let at = 0; at < options.length; at += 2) {
    const [word = "", value = ""] = [options[at]?.toLowerCase(), options[at + 1]];
    const isCount = word === "count";
    if (!isCount && word !== "since") return SYNTAX_ERROR;
    const number = strictNumber(value, isCount ? 1 : 0, isCount ? MOST_COUNT : MAX_TIME);
    if (number === null) return error(`ERR ${word.toUpperCase()} is not a number, or out of range`);
    terms[isCount ? "count" : "since"] = number;
  }
  const found = ctx.host.journal({ name, ...terms });
  if (found === null) return "postponed";
  return later(client, found, (lines) => array(lines.map(bulk)));
}

const MAX_TIME = Number.MAX_SAFE_INTEGER;
