import type { Reply } from "../base/reply.ts";
import { HELLO_CHANNEL } from "./defaults.ts";
import type { Input } from "./input.ts";
import { LAST_INPUTS } from "./limits.ts";
import type { Millis } from "./state.ts";

const MAX_SHOWN = 160;
/** Elements of an array that are shown: a vote has three. */
const MAX_ITEMS = 6;

/** Words of a `SENTINEL` command of these names hold no secret. */
const OPEN_COMMANDS: ReadonlySet<string> = new Set([
  ...[
    "ckquorum",
    "failover",
    "flushconfig",
    "forget",
    "get-master-addr-by-name",
    "history-id",
    "info-cache",
  ],
  ...["is-master-down-by-addr", "master", "masters", "monitor", "myid", "pauses"],
  ...["pending-scripts", "remove", "replicas", "reset", "reset-epoch", "resume", "sentinels"],
  ...["simulate-failure", "slaves"],
]);

/** What happened before an invariant broke: references, made into text only when they are wanted. */
export class LastInputs {
  readonly #inputs: Input[] = [];
  readonly #times: Millis[] = [];
  #next = 0;

  note(input: Input, now: Millis): void {
    this.#inputs[this.#next] = input;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % LAST_INPUTS;
  }

  /** One line each, the newest last, with its age. What may be a password is left out. */
  lines(now: Millis): string[] {
    const count = this.#inputs.length;
    const first = count < LAST_INPUTS ? 0 : this.#next;
    return Array.from({ length: count }, (_, index) => {
      const at = (first + index) % count;
      const input = this.#inputs[at];
      return input ? `${now - (this.#times[at] ?? now)} ms ago: ${describeInput(input)}` : "";
    });
  }
}

function describeInput(input: Input): string {
  switch (input.type) {
    case "command":
      return `command of client ${input.client}: ${describeCommand(input.args)}`;
    case "linkUp":
      return `linkUp of connection ${input.connection}`;
    case "linkDown":
      return `linkDown of connection ${input.connection}: ${quoted(input.reason)}`;
    case "reply": {
      const { connection, request, reply } = input;
      return `reply to request ${request} on connection ${connection}: ${describeReply(reply)}`;
    }
    case "message":
      return `message on connection ${input.connection}: ${quoted(input.payload)}`;
    case "resolved":
      return `resolved ${quoted(input.host)} to ${input.ip ?? "nothing"}`;
    case "scriptStarted":
      return `scriptStarted of job ${input.job}`;
    case "scriptExit":
      return `scriptExit of job ${input.job} with ${input.exitCode}, signal ${input.signal}`;
    case "saveFailed":
      return `saveFailed: ${quoted(input.reason)}`;
    case "kept":
      return `kept: ${input.ok}`;
    case "start":
    case "tick":
    case "again":
    case "saving":
    case "saved":
      return input.type;
    default:
      return input satisfies never;
  }
}

/** SENTINEL SET and SENTINEL CONFIG SET carry passwords, and a misspelt one anywhere. */
function describeCommand(args: readonly string[]): string {
  const [name = "", second = ""] = args;
  const isHello = name.toLowerCase() === "publish" && second === HELLO_CHANNEL;
  const isOurs = name.toLowerCase() === "sentinel";
  const isOpen = isOurs && OPEN_COMMANDS.has(second.toLowerCase());
  const shown = isHello || isOpen ? args : args.slice(0, isOurs ? 2 : 1);
  const words = shown.slice(0, 2 + MAX_ITEMS).map(quoted);
  const hidden = args.length - words.length;
  return hidden === 0 ? words.join(" ") : `${words.join(" ")} (${hidden} words not shown)`;
}

/** A text as long as INFO is told by its length. */
function describeReply(reply: Reply): string {
  switch (reply.type) {
    case "status":
    case "error":
      return quoted(reply.text);
    case "integer":
      return `${reply.value}`;
    case "bulk":
      return reply.text.length > MAX_SHOWN ? `${reply.text.length} bytes` : quoted(reply.text);
    case "array": {
      const items = reply.items.slice(0, MAX_ITEMS).map(describeReply);
      const more = reply.items.length > MAX_ITEMS ? ", ..." : "";
      return `[${items.join(", ")}${more}]`;
    }
    default:
      return reply.type;
  }
}

function quoted(text: string): string {
  const isLong = text.length > MAX_SHOWN;
  return `${JSON.stringify(isLong ? text.slice(0, MAX_SHOWN) : text)}${isLong ? "..." : ""}`;
}
