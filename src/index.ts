/**
 * The parts of a Sentinel that work without a process: the state machine, its file as text, a view of what it
 * knows, and what its events mean. Nothing here opens a socket, a file or a timer. docs/library.md has an
 * example. What is not exported may change at any time.
 *
 * @packageDocumentation
 */

/** What a Sentinel writes down of failovers and incidents. */
export type * from "./base/journal-entry.ts";
export type * from "./base/reply.ts";
/** From the text of `sentinel.conf` to a configuration, and back. */
export * from "./config/command-line.ts";
export * from "./config/config-error.ts";
export { type LoadedConfig, type LoadResult, loadConfig } from "./config/load.ts";
export { type RewriteInput, rewriteConfig } from "./config/rewrite.ts";
export type * from "./config/server-config.ts";
export type * from "./config/source.ts";
export { type VerifyError, type VerifyInput, verifyRewritten } from "./config/verify.ts";
/** The state machine: inputs, effects, and what they are made of. */
export { BrokenInvariant } from "./core/broken-invariant.ts";
export type * from "./core/config.ts";
export { EMPTY_SENTINEL_CONFIG } from "./core/config.ts";
export type { ProcessSettings } from "./core/create-state.ts";
export type * from "./core/effect.ts";
export type * from "./core/input.ts";
export { type Random, seededRandom } from "./core/random.ts";
export type {
  ConnectionId,
  Epoch,
  FailoverStep,
  Millis,
  RequestId,
  Role,
  RunId,
  ScriptJobId,
} from "./core/state.ts";
/** Events in an operator's words. */
export { explainEvent, type Names } from "./explain/event.ts";
export { createSentinel, type EmbeddedSentinel, type SentinelOptions } from "./library.ts";
/** What a Sentinel knows. */
export type * from "./view/types.ts";
export type { View } from "./view/view.ts";
