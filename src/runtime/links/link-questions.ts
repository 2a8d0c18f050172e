import { bulk, integer, type Reply } from "../../base/reply.ts";
import type { RequestId } from "../../core/state.ts";
import {
  type Conversation,
  type ConversationOwner,
  encodeRequest,
  type SendEffect,
} from "./conversation.ts";
import { ReplyDecoder, type ReplyTaker } from "./reply-decoder.ts";
import { ReplyGuard } from "./reply-guard.ts";
import { errorFromWire, isServerError, NO_REPLY, replyFromWire } from "./wire-reply.ts";

const PONG_BYTES = Buffer.from("+PONG\r\n");
const PONG = bulk("PONG");
const DIGITS = Array.from({ length: 10 }, (_, digit) => integer(digit));
const [CR, LF, COLON, ZERO] = [0x0d, 0x0a, 0x3a, 0x30];

/**
 * Questions to a server or a Sentinel, and their answers in the order in which they were asked. They are asked by the
 * thousand each second, so they are not commands of ioredis with a queue, a promise and copies of what they say: of
 * ioredis is what connects, and what decodes whatever is longer than the two answers that nearly all of them are.
 */
export class LinkQuestions implements Conversation, ReplyTaker {
  readonly #owner: ConversationOwner;
  readonly #guard = new ReplyGuard();
  readonly #decoder = new ReplyDecoder(this.#guard, this);
  /** Not answered yet, the first one first. */
  readonly #asked: RequestId[] = [];

  constructor(owner: ConversationOwner) {
    this.#owner = owner;
  }

  send({ request, args, asksInfo }: SendEffect): void {
    this.#asked.push(request);
    this.#guard.expect(asksInfo);
    this.#owner.write(encodeRequest(args));
  }

  read(bytes: Buffer, length: number): string | null {
    const from = this.#decoder.isBetween ? this.#readShort(bytes, length) : 0;
    return from === length ? null : this.#decoder.read(bytes.subarray(from, length));
  }

  take(reply: unknown): void {
    const answer = replyFromWire(reply);
    if (answer !== null) this.#answer(answer);
    else this.#owner.failed(NO_REPLY);
  }

  takeError(error: unknown): void {
    if (isServerError(error)) this.#answer(errorFromWire(error));
    else this.takeFatalError(error);
  }

  takeFatalError(error: unknown): void {
    this.#owner.failed(`Protocol error: ${error instanceof Error ? error.message : error}`);
  }

  /** PONG, and how many heard a hello: known by their bytes. Where the rest begins. */
  #readShort(bytes: Buffer, length: number): number {
    for (let at = 0; ; ) {
      const answer = shortAnswer(bytes, at, length);
      // One more than was asked ends the link, and the guard looks no further.
      if (answer === null || this.#asked.length === 0) return at;
      this.#guard.answered();
      this.#answer(answer);
      at += answer === PONG ? PONG_BYTES.length : 4;
    }
  }

  #answer(reply: Reply): void {
    const request = this.#asked.shift();
    if (request !== undefined) this.#owner.answered(request, reply);
    else this.#owner.failed(`it said what nobody asked for: ${shown(reply)}`);
  }
}

function shortAnswer(bytes: Buffer, at: number, length: number): Reply | null {
  if (bytes[at] === COLON) {
    if (at + 4 > length || bytes[at + 2] !== CR || bytes[at + 3] !== LF) return null;
    return DIGITS[(bytes[at + 1] ?? 0) - ZERO] ?? null;
  }
  if (at + PONG_BYTES.length > length) return null;
  for (let i = 0; i < PONG_BYTES.length; i++) if (bytes[at + i] !== PONG_BYTES[i]) return null;
  return PONG;
}

function shown(reply: Reply): string {
  if ("text" in reply) return reply.text;
  return "value" in reply ? `${reply.value}` : reply.type;
}
