/** The parts that work without a process: the state machine, and its file as text. */
export * from "./config/command-line.ts";
export * from "./config/config-error.ts";
export { type LoadedConfig, type LoadResult, loadConfig } from "./config/load.ts";
export { type RewriteInput, rewriteConfig } from "./config/rewrite.ts";
export type * from "./config/server-config.ts";
export type * from "./config/source.ts";
export { type VerifyError, type VerifyInput, verifyRewritten } from "./config/verify.ts";
export type * from "./core/config.ts";
export { EMPTY_SENTINEL_CONFIG } from "./core/config.ts";
export { createState, type ProcessSettings } from "./core/create-state.ts";
export type * from "./core/effect.ts";
export { infoSection } from "./core/info-section.ts";
export type * from "./core/input.ts";
export { type Random, seededRandom } from "./core/random.ts";
export type * from "./core/reply.ts";
export { Sentinel } from "./core/sentinel.ts";
export type * from "./core/state.ts";
