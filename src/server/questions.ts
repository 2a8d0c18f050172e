import type { Reply } from "../base/reply.ts";
import type { ClientId } from "../core/input.ts";

/** Requests that the core answers under an id of their own; below zero, as no client has. */
export class Questions {
  #lastId: ClientId = 0;
  readonly #open = new Map<ClientId, (reply: Reply) => void>();

  open(answer: (reply: Reply) => void): ClientId {
    this.#lastId -= 1;
    this.#open.set(this.#lastId, answer);
    return this.#lastId;
  }

  answer(id: ClientId, reply: Reply): void {
    const answer = this.#open.get(id);
    this.#open.delete(id);
    answer?.(reply);
  }
}
