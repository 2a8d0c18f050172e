import type { ServerContext } from "../context.ts";
import type { Outcome } from "../request.ts";
import type { Session } from "../session.ts";
import type { CommandSpec } from "./spec.ts";

/** One request whose command, arity and permissions are checked. */
export interface Call {
  readonly ctx: ServerContext;
  readonly client: Session;
  readonly spec: CommandSpec;
  /** All words as typed, the name of the command included. */
  readonly args: readonly string[];
}

export type Handler = (call: Call) => Outcome;
