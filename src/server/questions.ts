import type { Reply } from "../base/reply.ts";
import type { ClientId } from "../core/input.ts";

/** Requests that the core answers under an id of their own; below zero, as no client has. */
export class Questions {
  #lastId = 0;
  readonly #open = new Map<ClientId, (reply: Reply) => void>();

  open(answer: (reply: Reply) => void): ClientId {
    const id = --this.#lastId as ClientId;
    this.#open.set(id, answer);
    return id;
  }

  answer(id: ClientId, reply: Reply): void {
    const answer = this.#open.get(id);
    this.#open.delete(id);
    answer?.(reply);
  }
}
