import type { Command } from "ioredis";
import type { RequestId } from "../../core/state.ts";
import type { Conversation, ConversationOwner, SendEffect } from "./conversation.ts";
import { dataHandlerModule, type Redis } from "./ioredis.ts";
import { type CommandOwner, LinkCommand } from "./link-command.ts";
import { type Message, recallMessages, rememberMessages } from "./link-messages.ts";
import { ReplyDecoder, type ReplyTaker } from "./reply-decoder.ts";
import { ReplyGuard } from "./reply-guard.ts";
import { errorFromWire, isServerError, NO_REPLY, replyFromWire } from "./wire-reply.ts";

/** The methods of ioredis's reply handler that its decoder calls. */
interface ReplyHandler {
  returnReply(reply: unknown): void;
  returnError(error: unknown): void;
  returnFatalError(error: unknown): void;
}

const { default: OwnHandler } = dataHandlerModule;
for (const method of ["returnReply", "returnError", "returnFatalError"]) {
  if (!(method in OwnHandler.prototype)) {
    throw new Error("This version of ioredis handles replies in a way that is not known here");
  }
}
// What ioredis would make for each connection, with a decoder whose tables alone take 4 KiB.
Object.assign(dataHandlerModule, { default: class {} });

const MESSAGE = Buffer.from("message");

/** A `message` push; null: it is something else. Undefined: one without channel or text. */
function messageIn(reply: unknown): Message | null | undefined {
  if (!Array.isArray(reply) || !(reply[0] instanceof Buffer) || !reply[0].equals(MESSAGE))
    return null;
  const [, channel, payload] = reply;
  if (!(channel instanceof Buffer && payload instanceof Buffer)) return undefined;
  return { channel: channel.toString("latin1"), payload: payload.toString("latin1") };
}

interface Subscriber extends ConversationOwner {
  heard(message: Message): void;
  /** The connection takes nothing more. */
  lost(error: unknown): void;
}

/** A subscription, of which ioredis keeps the books, and what is published there. */
export class LinkSubscription implements Conversation, ReplyTaker, CommandOwner {
  readonly #redis: Redis;
  readonly #handler: ReplyHandler;
  readonly #owner: Subscriber;
  readonly #guard = new ReplyGuard(true);
  readonly #decoder = new ReplyDecoder(this.#guard, this);
  /** Those of the bytes that are being decoded. */
  #messages: Message[] = [];
  /** What is wrong with them. */
  #fault: string | null = null;

  constructor(redis: Redis, owner: Subscriber) {
    this.#redis = redis;
    this.#handler = Object.assign(Object.create(OwnHandler.prototype), { redis });
    this.#owner = owner;
  }

  send({ request, args, asksInfo, subscribes }: SendEffect): void {
    this.#guard.expect(asksInfo);
    const command = new LinkCommand(this, request, args, subscribes);
    this.#redis.sendCommand(command as unknown as Command);
  }

  read(bytes: Buffer, length: number): string | null {
    const isKnowable = this.#isSubscribed() && this.#decoder.isBetween;
    const known = isKnowable ? recallMessages(bytes, length) : undefined;
    if (known === undefined) return this.#readNew(bytes.subarray(0, length));
    for (const message of known) this.#owner.heard(message);
    return null;
  }

  /** A message goes to who listens, all else to who asked. */
  take(reply: unknown): void {
    const message = this.#isSubscribed() ? messageIn(reply) : null;
    if (message === null) this.#hand("returnReply", reply);
    else if (message === undefined) this.#fault ??= "a message without channel or text";
    else if (this.#fault === null) this.#hear(message);
  }

  takeError(error: unknown): void {
    this.#hand("returnError", error);
  }

  takeFatalError(error: unknown): void {
    this.#handler.returnFatalError(error);
  }

  answered(request: RequestId, value: unknown): void {
    const reply = replyFromWire(value);
    if (reply === null) this.#owner.failed(NO_REPLY);
    else this.#owner.answered(request, reply);
  }

  /** A server's error is a reply, one of ioredis (a stream that does not write) is the end. */
  refused(request: RequestId, error: unknown): void {
    if (isServerError(error)) this.#owner.answered(request, errorFromWire(error));
    else this.#owner.lost(error);
  }

  #hear(message: Message): void {
    this.#messages.push(message);
    this.#owner.heard(message);
  }

  #isSubscribed(): boolean {
    return Boolean(this.#redis.condition?.subscriber);
  }

  /**
   * Makes a nonsensical reply the end of its connection.
   *
   * ioredis 6 trusts the shape of what a server says: a null out of turn or `:1` as the answer to
   * SUBSCRIBE make its handler throw, which by itself it rethrows on the next tick, where nobody can
   * catch it and the process ends. A Sentinel talks to machines that are failing, so here such an
   * exception takes the path ioredis has for bytes it cannot parse: the connection fails. (Our own
   * code runs inside, too, but it answers for its own exceptions: `Daemon.dispatch` lets none out.)
   */
  #hand(method: "returnReply" | "returnError", value: unknown): void {
    try {
      this.#handler[method](value);
    } catch (error) {
      this.#handler.returnFatalError(error);
    }
  }

  #readNew(bytes: Buffer): string | null {
    this.#messages = [];
    const fault = this.#decoder.read(bytes);
    const messages = this.#messages;
    if (messages.length === this.#decoder.wholeReplies) rememberMessages(bytes, messages);
    return fault ?? this.#fault;
  }
}
