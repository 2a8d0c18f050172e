import type { Duplex } from "node:stream";
import type { AclUser } from "../acl/user.ts";
import type { Reply } from "../base/reply.ts";
import type { ClientId } from "../core/input.ts";
import type { Protocol } from "../resp/encode.ts";
import { endOutputLimit } from "./client-ends.ts";
import type { Peer, Tracking } from "./client-facts.ts";
import type { ServerContext } from "./context.ts";
import { DirectSocket } from "./direct-socket.ts";
import { outputLimit } from "./limits.ts";
import { linger } from "./linger.ts";
import { Output, type Slot } from "./output.ts";
import { NOTHING, type Subscriber } from "./pubsub.ts";
import type { Outcome, Request } from "./request.ts";
import { SessionTurns } from "./session-turns.ts";

type Execute = (ctx: ServerContext, session: Session, request: Request) => Outcome;

/**
 * One client: its connection and everything that is true of it alone. Requests are executed in
 * order, one at a time; while one waits for its answer nothing more is read, other than after the
 * questions of peers (`askAside`). All replies to the requests of one batch of input leave in one
 * write.
 */
export class Session implements Subscriber {
  readonly id: ClientId;
  readonly peer: Peer;
  readonly connectedAtMs: number;
  name = "";
  libName = "";
  libVersion = "";
  protocol: Protocol = 2;
  user: AclUser;
  authenticated: boolean;
  /** CLIENT REPLY: `skip` drops the answer to this request, `skipNext` that to the next one. */
  replyMode: "on" | "off" | "skip" | "skipNext" = "on";
  noEvict = false;
  tracking: Tracking | null = null;
  channels = NOTHING;
  patterns = NOTHING;
  subscriptionBytes = 0;
  trackingBytes = 0;
  countedBytes = 0;
  /** Full name of the last command, null before the first. */
  lastCommand: string | null = null;
  lastActiveMs: number;

  readonly #ctx: ServerContext;
  readonly #socket: Duplex;
  readonly #execute: Execute;
  readonly #output: Output;
  readonly #turns: SessionTurns;
  #state: "ready" | "busy" | "closing" | "closed" = "ready";
  #flushScheduled = false;

  constructor(ctx: ServerContext, id: ClientId, socket: Duplex, peer: Peer, execute: Execute) {
    this.#ctx = ctx;
    this.id = id;
    this.#socket = socket;
    this.#output = new Output(socket, ctx.counters);
    this.peer = peer;
    this.#execute = execute;
    this.user = ctx.acl.defaultUser;
    this.authenticated = !ctx.acl.passwordNeeded;
    this.connectedAtMs = ctx.host.now();
    this.lastActiveMs = this.connectedAtMs;
    this.#turns = new SessionTurns(ctx, this, socket, this.#output);
    this.#listen();
  }

  get subscriptionCount(): number {
    return this.channels.size + this.patterns.size;
  }

  /** A pause holds a request of it back. */
  get isBlocked(): boolean {
    return this.#turns.isBlocked;
  }

  /** The next request may be executed. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  get isClosing(): boolean {
    return this.#state === "closing";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get inputBytes(): number {
    return this.#turns.inputBytes;
  }

  /** Bytes of the request that is being executed. */
  get argumentBytes(): number {
    return this.#turns.argumentBytes;
  }

  get memoryBytes(): number {
    return this.inputBytes + this.outputBytes + this.subscriptionBytes + this.trackingBytes;
  }

  get outputBytes(): number {
    return this.#output.bytes;
  }

  /** Whether this client must authenticate before anything else. */
  get mustAuthenticate(): boolean {
    return this.#ctx.acl.passwordNeeded && !this.authenticated;
  }

  /** Answers the request that is being executed, and goes on with the next. */
  answer(reply: Reply): void {
    if (this.#state !== "busy" && this.#state !== "closing") return;
    if (reply.type === "error") this.#ctx.counters.errorReplies += 1;
    if (this.replyMode === "on" || this.replyMode === "skipNext") this.#write(reply);
    this.#finishRequest();
    this.#turns.goOnAfterStep();
  }

  /**
   * Hands a request to the core whose answer may take a while, under an id of its own, and goes on
   * with the next meanwhile; replies leave in the order of the requests. Peers ask for hundreds of
   * votes over one connection, and one save is enough for all of them.
   */
  askAside(execute: (id: ClientId) => void): Outcome {
    const isSilent = this.replyMode === "off" || this.replyMode === "skip";
    const slot = this.#output.reserve();
    const id = this.#ctx.questions.open((reply) => this.#fill(slot, reply, isSilent));
    execute(id);
    return "answered";
  }

  #fill(slot: Slot, reply: Reply, isSilent: boolean): void {
    if (this.#state === "closed") return;
    if (reply.type === "error") this.#ctx.counters.errorReplies += 1;
    this.contain(() => this.#output.fill(slot, isSilent ? "" : this.#encode(reply)));
    if (this.#turns.isExecuting) return;
    if (this.#state === "closing" && this.#output.openSlots === 0) this.#end();
    else this.#turns.goOnAfterStep();
  }

  /** Writes an element of a reply that consists of several, or that no reply mode suppresses. */
  push(reply: Reply): void {
    this.#write(reply);
  }

  /** A message of a channel; after the reply if a command of ours is running [WIRE-OWN-MESSAGE]. */
  deliver(message: Reply): void {
    if (this.#state === "closed") return;
    if (this.#state !== "ready") {
      this.contain(() => this.#output.defer(this.#encode(message)));
      return;
    }
    this.#write(message);
    this.#scheduleFlush();
  }

  /** Runs the request that a pause held back; it may be held back again. */
  resume(): void {
    this.#turns.resume();
  }

  /** Flushes and closes once the running command is answered; one held back never runs. */
  closeAfterReply(): void {
    if (this.#state === "busy" && !this.isBlocked) this.#state = "closing";
    else this.#end();
  }

  /** Closes at once, dropping what was not sent. */
  destroy(): void {
    this.#leave();
    this.#socket.destroy();
  }

  /** Duties of time: the soft output limit. */
  tick(): void {
    this.#checkOutputLimit();
  }

  #listen(): void {
    if (this.#socket instanceof DirectSocket) {
      this.#socket.receive = (bytes, length) => this.#receive(bytes, length);
    } else this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk, chunk.length));
    this.#socket.on("drain", () => this.#ctx.turns.add(this));
    // An error of one client's connection concerns nobody else; `close` follows it.
    this.#socket.on("error", () => this.#leave());
    this.#socket.on("close", () => this.#leave());
  }

  #receive(bytes: Buffer, length: number): void {
    if (this.#state === "closed") return;
    this.lastActiveMs = this.#ctx.host.now();
    this.#ctx.counters.inputBytes += length;
    this.#ctx.counters.reads += 1;
    this.#turns.receive(bytes, length);
  }

  /** The second barrier: what one client's bytes make go wrong is the end of that client only. */
  contain(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): void {
    if (this.#state === "closed") return;
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.#ctx.host.log("warning", `Closing client ${this.id} because of a bug: ${text}`);
    this.destroy();
  }

  /** Executes a request; true if a pause holds it back. */
  run(request: Request): boolean {
    this.#state = "busy";
    const outcome = this.#execute(this.#ctx, this, request);
    if (outcome === "postponed") return true;
    if (outcome === "answered") this.#finishRequest();
    else if (outcome !== "later") this.answer(outcome);
    return false;
  }

  #finishRequest(): void {
    if (this.#state === "closed") return;
    if (this.replyMode === "skip") this.replyMode = "on";
    else if (this.replyMode === "skipNext") this.replyMode = "skip";
    this.#turns.finish();
    this.#output.releaseDeferred();
    if (this.#state === "closing") this.#end();
    else this.#state = "ready";
  }

  /** Its bytes are no request: it is told, and that is the end. */
  refuse(text: string): void {
    this.#ctx.counters.errorReplies += 1;
    this.#write({ type: "error", text });
    this.#end();
  }

  #write(reply: Reply): void {
    try {
      this.#output.add(this.#encode(reply));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #encode(reply: Reply): string {
    return this.#ctx.encoder.encode(reply, this.protocol);
  }

  /** Several messages of one step of the process leave together. */
  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#turns.isExecuting) return;
    this.#flushScheduled = true;
    this.#ctx.flushQueue.add(this);
  }

  /** Sends what there is by then, and goes on with what was not executed. */
  takeTurn(): void {
    this.#turns.goOn();
  }

  /** Called by the queue, too. */
  flush(): void {
    this.#flushScheduled = false;
    if (this.#state === "closed") return;
    this.#output.flush();
    this.#ctx.memory.count(this);
    this.#checkOutputLimit();
  }

  #checkOutputLimit(): void {
    const limit = outputLimit(this.#ctx.config, this);
    if (this.#state === "closed" || !this.#output.exceeds(limit, this.#ctx.host)) return;
    endOutputLimit(this.#ctx, this);
  }

  /** Sends what is left, waits for answers that are still to come, and ends our side. */
  #end(): void {
    if (this.#state === "closed") return;
    if (this.#output.openSlots > 0) {
      this.#state = "closing";
      this.#turns.giveUp();
      return;
    }
    this.#output.end();
    this.#leave();
    linger(this.#socket);
  }

  #leave(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#output.clear();
    this.#turns.giveUp();
    this.#ctx.pubsub.drop(this);
    this.#ctx.turns.drop(this);
    this.#ctx.memory.release(this);
    this.#ctx.clients.delete(this.id);
  }
}
