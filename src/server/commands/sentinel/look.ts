import { strictNumber } from "../../../base/integers.ts";
import { array, bulk, error } from "../../../base/reply.ts";
import { SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { integerWord, OPTIONAL, textWord } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { OPERATOR } from "./rights.ts";

const USUAL_COUNT = 100;
const MOST_COUNT = 1_000;
const NO_SUCH_MASTER = error("ERR No such master with that name");

/** What has happened, as it was written down. */
export const journalCommand: Command = {
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
};

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
  void found.then((lines) => client.answer(lines ? array(lines.map(bulk)) : NO_SUCH_MASTER));
  return "later";
}

const MAX_TIME = Number.MAX_SAFE_INTEGER;
