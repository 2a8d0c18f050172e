import {
  DEFAULT_DOWN_AFTER_MS,
  DEFAULT_FAILOVER_TIMEOUT_MS,
  DEFAULT_PARALLEL_SYNCS,
  type MasterConfig,
  type SentinelConfig,
} from "../core/config.ts";
import type { RewriteLines } from "./rewrite-lines.ts";
import { quoteAlways, quoteArg } from "./tokenize.ts";

/** Valkey's word first: its own files may hold a line of the old word beside it. */
const REBOOT_OPTIONS = ["primary-reboot-down-after-period", "master-reboot-down-after-period"];

/** Options of which there may be many lines or none at all: leftovers are blanked. */
const OPTIONAL_LINES = [
  "myid",
  ...["monitor", "down-after-milliseconds", "failover-timeout", "parallel-syncs"],
  ...["notification-script", "client-reconfig-script", "auth-pass", "auth-user"],
  ...REBOOT_OPTIONS,
  ...["config-epoch", "leader-epoch", "known-replica", "known-slave", "known-sentinel"],
  ...["rename-command", "announce-ip", "announce-port", "sentinel-user", "sentinel-pass"],
];

/**
 * Writes the state of the Sentinel (wire.md 4.2). With `explicit`, values equal to their default
 * are written too, because a line that we cannot change may say otherwise.
 */
export function rewriteSentinel(
  lines: RewriteLines,
  config: SentinelConfig,
  explicit: boolean,
): void {
  const writer = new SentinelWriter(lines);
  if (config.myId !== null) writer.write("myid", [config.myId]);
  const { denyScriptsReconfig, resolveHostnames, announceHostnames } = config;
  writer.flag("deny-scripts-reconfig", denyScriptsReconfig, !denyScriptsReconfig || explicit);
  writer.flag("resolve-hostnames", resolveHostnames, resolveHostnames || explicit);
  writer.flag("announce-hostnames", announceHostnames, announceHostnames || explicit);
  for (const master of config.masters) writeMaster(writer, master, explicit);
  writer.write("current-epoch", [String(config.currentEpoch)]);
  writeAnnounced(writer, config);
  for (const option of OPTIONAL_LINES) writer.forget(option);
}

/** Writes `sentinel` lines, quoting whatever could not stand alone and never the same line twice. */
class SentinelWriter {
  /** The word of the file at hand: `primary-...` in one of Valkey's. */
  readonly rebootOption: string;
  readonly #lines: RewriteLines;
  #written = new Set<string>();

  constructor(lines: RewriteLines) {
    this.#lines = lines;
    this.rebootOption =
      REBOOT_OPTIONS.find((option) => this.has(option)) ?? "master-reboot-down-after-period";
  }

  write(option: string, words: readonly string[], reusing: string = option): void {
    const line = `sentinel ${[option, ...words.map(quoteArg)].join(" ")}`;
    if (this.#written.has(line)) return;
    this.#written.add(line);
    this.#lines.write(`sentinel ${reusing}`, line);
  }

  flag(option: string, value: boolean, required: boolean): void {
    const line = `sentinel ${option} ${value ? "yes" : "no"}`;
    this.#lines.write(`sentinel ${option}`, line, required);
  }

  /** A line whose value C puts in quotes. */
  quoted(option: string, value: string): void {
    this.#lines.write(`sentinel ${option}`, `sentinel ${option} ${quoteAlways(value)}`);
  }

  forget(option: string): void {
    this.#lines.forget(`sentinel ${option}`);
  }

  has(option: string): boolean {
    return this.#lines.has(`sentinel ${option}`);
  }
}

function writeMaster(writer: SentinelWriter, master: MasterConfig, explicit: boolean): void {
  const { name } = master;
  const text = (option: string, value: string | null) => {
    if (value !== null) writer.write(option, [name, value]);
  };
  const number = (option: string, value: number, byDefault: number) => {
    if (value !== byDefault || explicit) writer.write(option, [name, String(value)]);
  };
  // An address without a host would keep the file from ever loading again.
  if (master.host !== "") {
    writer.write("monitor", [name, master.host, String(master.port), String(master.quorum)]);
  }
  number("down-after-milliseconds", master.downAfterMs, DEFAULT_DOWN_AFTER_MS);
  number("failover-timeout", master.failoverTimeoutMs, DEFAULT_FAILOVER_TIMEOUT_MS);
  number("parallel-syncs", master.parallelSyncs, DEFAULT_PARALLEL_SYNCS);
  text("notification-script", master.notificationScript);
  text("client-reconfig-script", master.clientReconfigScript);
  text("auth-pass", master.authPass);
  text("auth-user", master.authUser);
  writeRebootPeriod(writer, master, explicit);
  text("config-epoch", String(master.configEpoch));
  text("leader-epoch", String(master.leaderEpoch));
  writeKnown(writer, master);
  for (const [from, to] of master.renamedCommands) {
    writer.write("rename-command", [name, from, to]);
  }
}

function writeRebootPeriod(writer: SentinelWriter, master: MasterConfig, explicit: boolean): void {
  if (master.rebootDownAfterMs === 0 && !explicit) return;
  const reusing = [writer.rebootOption, ...REBOOT_OPTIONS].find((option) => writer.has(option));
  const words = [master.name, String(master.rebootDownAfterMs)];
  writer.write(writer.rebootOption, words, reusing ?? writer.rebootOption);
}

function writeKnown(writer: SentinelWriter, { name, replicas, sentinels }: MasterConfig): void {
  for (const { host, port } of replicas) {
    if (host === "") continue;
    // Lines in the old spelling are turned into the new one first.
    const reusing = writer.has("known-slave") ? "known-slave" : "known-replica";
    writer.write("known-replica", [name, host, String(port)], reusing);
  }
  for (const { host, port, runId } of sentinels) {
    if (host !== "") writer.write("known-sentinel", [name, host, String(port), runId]);
  }
}

function writeAnnounced(writer: SentinelWriter, config: SentinelConfig): void {
  if (config.announceIp !== null && config.announceIp !== "") {
    writer.quoted("announce-ip", config.announceIp);
  }
  if (config.announcePort !== 0) writer.write("announce-port", [String(config.announcePort)]);
  if (config.sentinelUser) writer.write("sentinel-user", [config.sentinelUser]);
  if (config.sentinelPass) writer.write("sentinel-pass", [config.sentinelPass]);
}
