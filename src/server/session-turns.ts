import type { Duplex } from "node:stream";
import { splitArgs } from "../base/tokenize.ts";
import { type ParseResult, RequestParser } from "../resp/request-parser.ts";
import { endOverflow } from "./client-ends.ts";
import type { ServerContext } from "./context.ts";
import type { Output } from "./output.ts";
import type { Request } from "./request.ts";
import type { Session } from "./session.ts";

/**
 * A client that leaves this much unread is not read from, nor its requests executed, until it catches
 * up. More than a socket holds before it promises to tell when it is empty (`drain`).
 */
const READ_PAUSE_BYTES = 256 * 1024;
/** Once so much is made for one client, the others have their turn. */
const TURN_BYTES = 16 * 1024;
/** What a client that CLIENT PAUSE holds back may send in the meantime. */
const MAX_READ_AHEAD_BYTES = 64 * 1024;
/** So many questions of one client may wait for their answers. */
const MAX_OPEN_QUESTIONS = 1024;

/**
 * What one client asks for: its bytes become requests, which it executes in order, as many in one turn
 * (`turns.ts`) as its share allows. It is read from only as fast as it takes its replies.
 */
export class SessionTurns {
  readonly #ctx: ServerContext;
  readonly #session: Session;
  readonly #socket: Duplex;
  readonly #output: Output;
  readonly #parser: RequestParser;
  #isExecuting = false;
  #goesOnAfterStep = false;
  #postponed: Request | null = null;
  /** Being executed. */
  #request: Request | null = null;
  /** Of that request, once somebody asked. */
  #argumentBytes: number | null = null;

  constructor(ctx: ServerContext, session: Session, socket: Duplex, output: Output) {
    this.#ctx = ctx;
    this.#session = session;
    this.#socket = socket;
    this.#output = output;
    this.#parser = new RequestParser(splitArgs, ctx.memo);
  }

  /** In the middle of a turn: what is written will be flushed at its end. */
  get isExecuting(): boolean {
    return this.#isExecuting;
  }

  get isBlocked(): boolean {
    return this.#postponed !== null;
  }

  get inputBytes(): number {
    return this.#parser.bufferedBytes;
  }

  get argumentBytes(): number {
    if (this.#request === null) return 0;
    this.#argumentBytes ??= this.#request.args.reduce((sum, word) => sum + word.length, 0);
    return this.#argumentBytes;
  }

  /** The first `length` of `bytes`, which are not kept. */
  receive(bytes: Buffer, length: number): void {
    this.#session.contain(() => this.#parser.push(bytes, length));
    this.#takeTurn();
    this.#parser.own();
  }

  goOn(): void {
    if (!this.#session.isClosed) this.#takeTurn();
  }

  /** Not at once: who answers is at work, and could answer the next request, and the next. */
  goOnAfterStep(): void {
    if (this.#isExecuting || this.#goesOnAfterStep) return;
    this.#goesOnAfterStep = true;
    queueMicrotask(() => {
      this.#goesOnAfterStep = false;
      this.goOn();
    });
  }

  resume(): void {
    const request = this.#postponed;
    if (request === null) return;
    this.#postponed = null;
    this.#isExecuting = true;
    this.#session.contain(() => this.#run(request));
    this.#takeTurn();
  }

  /** The request was answered. */
  finish(): void {
    this.#request = null;
  }

  /** What a pause holds back never runs. */
  giveUp(): void {
    this.#postponed = null;
  }

  #takeTurn(): void {
    this.#session.contain(() => this.#executeAll());
    // Also if that failed.
    this.#isExecuting = false;
  }

  #executeAll(): void {
    this.#isExecuting = true;
    const session = this.#session;
    const { counters, limits, turns } = this.#ctx;
    const startedAt = performance.now();
    // Nothing is written meanwhile, so what waits in the socket stays what it is.
    const room = Math.min(TURN_BYTES, READ_PAUSE_BYTES - this.#socket.writableLength);
    let isLate = turns.isOver;
    while (session.isReady && this.#output.unsentBytes < room && this.#mayAsk() && !isLate) {
      const parsed = this.#parser.next(session.mustAuthenticate ? limits.stranger : limits.known);
      if (parsed.type === "request") this.#run(parsed);
      else if (this.#stopsReading(parsed)) break;
      isLate = turns.isOver;
    }
    const isCutShort = (isLate || this.#output.unsentBytes >= room) && this.inputBytes > 0;
    counters.commandMillis += performance.now() - startedAt;
    this.#isExecuting = false;
    if (!session.isClosed) session.flush();
    // What the system took at once leaves room again, and no `drain` will tell.
    if (isCutShort && this.#hasRoom()) turns.add(session);
    this.#pauseOrResume();
    if (!session.isClosed) this.#ctx.memory.count(session);
  }

  /** Else `drain` or the answer that the unsent replies wait for makes some, and goes on. */
  #hasRoom(): boolean {
    return this.#output.unsentBytes < TURN_BYTES && this.#output.bytes < READ_PAUSE_BYTES;
  }

  #mayAsk(): boolean {
    return this.#output.openSlots < MAX_OPEN_QUESTIONS;
  }

  #run(request: Request): void {
    this.#request = request;
    this.#argumentBytes = null;
    if (this.#session.run(request)) this.#postponed = request;
  }

  #stopsReading(parsed: Exclude<ParseResult, { type: "request" }>): boolean {
    switch (parsed.type) {
      case "incomplete":
        return true;
      case "protocolError":
        this.#session.refuse(parsed.text);
        return true;
      case "overflow":
        endOverflow(this.#ctx, this.#session);
        return true;
      default:
        return parsed satisfies never;
    }
  }

  #pauseOrResume(): void {
    const session = this.#session;
    const wantsInput =
      ((session.isReady && this.#mayAsk()) || this.#mayReadAhead()) &&
      !this.#ctx.turns.isWaiting(session) &&
      this.#hasRoom();
    if (wantsInput || session.isClosed) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Only a socket that is read from tells that the client went away during a long pause. */
  #mayReadAhead(): boolean {
    return this.isBlocked && this.inputBytes < MAX_READ_AHEAD_BYTES;
  }
}
