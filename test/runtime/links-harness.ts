import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Input } from "../../src/core/input.ts";
import { Dialer } from "../../src/runtime/links/dialer.ts";
import { Links } from "../../src/runtime/links/links.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { Mailbox } from "./support.ts";

/** Links, and what they tell the core. */
export class Harness {
  readonly inputs = new Mailbox<Input>();
  readonly links: Links;
  #nextRequest = 100;

  constructor(t: TestContext, localAddress: string | null = null) {
    this.links = new Links(new Dialer(localAddress, null), this.inputs.put);
    t.after(() => this.links.closeAll());
  }

  connect(port: number, connection = 1, purpose: "command" | "pubsub" = "command"): void {
    this.links.connect({
      type: "connect",
      connection: connectionId(connection),
      purpose,
      host: "127.0.0.1",
      ip: "127.0.0.1",
      port,
    });
  }

  async up(
    port: number,
    connection = 1,
    purpose: "command" | "pubsub" = "command",
  ): Promise<Extract<Input, { type: "linkUp" }>> {
    this.connect(port, connection, purpose);
    return this.next("linkUp");
  }

  send(args: string[], subscribes = false, connection = 1): number {
    const request = this.#nextRequest++;
    const asksInfo = args[0] === "INFO";
    this.links.send({
      type: "send",
      connection: connectionId(connection),
      request: requestId(request),
      args,
      asksInfo,
      subscribes,
    });
    return request;
  }

  async next<T extends Input["type"]>(type: T): Promise<Extract<Input, { type: T }>> {
    const input = await this.inputs.take((candidate) => candidate.type === type);
    return input as Extract<Input, { type: T }>;
  }

  async ask(...args: string[]): Promise<unknown> {
    const request = this.send(args);
    const { reply, request: answered } = await this.next("reply");
    assert.equal(answered, request);
    return reply;
  }
}
