import { arch, type as osType, release } from "node:os";
import { bulk } from "../../base/reply.ts";
import { OWN_EVENT_LOOP } from "../../core/tell.ts";
import type { ServerContext } from "../context.ts";
import type { Outcome } from "../request.ts";
import { MULTIPLE, OPTIONAL, textWord } from "./arguments.ts";
import type { Call } from "./call.ts";
import { command } from "./define.ts";

const EVERYTHING = ["default", "all", "everything"];
const SECTIONS = ["server", "clients", "stats", "cpu", "sentinel"] as const;
type Section = (typeof SECTIONS)[number];

type Field = readonly [name: string, value: string | number];

export const infoCommand = command({
  name: "info",
  arity: -1,
  flags: ["loading", "stale"],
  categories: ["slow", "dangerous"],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  since: "1.0.0",
  summary: "Shows figures of the server and the state of its masters.",
  history: [["7.0.0", "Takes several sections."]],
  words: [textWord("section", { ...OPTIONAL, ...MULTIPLE })],
  run: info,
});

/** A bulk string in both protocols, which a Redis server would send as verbatim in RESP3. */
function info({ ctx, args }: Call): Outcome {
  const asked = args.slice(1).map((word) => word.toLowerCase());
  const everything = asked.length === 0 || asked.some((word) => EVERYTHING.includes(word));
  const wanted = SECTIONS.filter((section) => everything || asked.includes(section));
  const sections = wanted.map((section) => renderSection(ctx, section));
  return sections.includes(null) ? "postponed" : bulk(sections.join("\r\n"));
}

function renderSection(ctx: ServerContext, section: Section): string | null {
  switch (section) {
    case "server":
      return render("Server", serverFields(ctx));
    case "clients":
      return render("Clients", clientFields(ctx));
    case "stats":
      return render("Stats", statsFields(ctx));
    case "cpu":
      return render("CPU", cpuFields());
    case "sentinel":
      return ctx.host.sentinelInfo();
    default:
      return section satisfies never;
  }
}

function render(title: string, fields: readonly Field[]): string {
  return `# ${title}\r\n${fields.map(([name, value]) => `${name}:${value}\r\n`).join("")}`;
}

function serverFields(ctx: ServerContext): Field[] {
  const { process: facts } = ctx.host;
  const nowUnixMs = Date.now();
  const uptimeSeconds = Math.floor((ctx.host.now() - ctx.startedAtMs) / 1000);
  return [
    ["redis_version", facts.redisVersion],
    ["redis_git_sha1", "00000000"],
    ["redis_git_dirty", 0],
    ["redis_build_id", "0000000000000000"],
    ["redis_mode", "sentinel"],
    ["os", `${osType()} ${release()} ${machine()}`],
    ["arch_bits", arch().endsWith("64") || arch() === "s390x" ? 64 : 32],
    ["monotonic_clock", "POSIX clock_gettime"],
    ["multiplexing_api", OWN_EVENT_LOOP],
    ["atomicvar_api", "c11-builtin"],
    ["gcc_version", "0.0.0"],
    ["process_id", process.pid],
    ["process_supervised", facts.supervised],
    ["run_id", facts.runId],
    ["tcp_port", ctx.config.port === 0 ? ctx.config.tlsPort : ctx.config.port],
    ["server_time_usec", nowUnixMs * 1000],
    ["uptime_in_seconds", uptimeSeconds],
    ["uptime_in_days", Math.floor(uptimeSeconds / 86400)],
    ["hz", facts.hz()],
    ["configured_hz", ctx.config.hz],
    // Seconds in 24 bits, as the reference keeps for its eviction.
    ["lru_clock", Math.floor(nowUnixMs / 1000) % 2 ** 24],
    ["executable", facts.executable],
    ["config_file", facts.configFile],
    ["io_threads_active", 0],
    ...listenerFields(ctx),
    ["redis_sentinel_ts_version", facts.ownVersion],
  ];
}

function machine(): string {
  return arch() === "x64" ? "x86_64" : arch() === "arm64" ? "aarch64" : arch();
}

function listenerFields({ config }: ServerContext): Field[] {
  const binds = config.bind.map((address) => `,bind=${address}`).join("");
  const listeners = [
    ...(config.port === 0 ? [] : [`name=tcp${binds},port=${config.port}`]),
    ...(config.tlsPort === 0 ? [] : [`name=tls${binds},port=${config.tlsPort}`]),
    ...(config.unixsocket === null ? [] : [`name=unix,bind=${config.unixsocket}`]),
  ];
  return listeners.map((text, index) => [`listener${index}`, text]);
}

function clientFields({ clients, config }: ServerContext): Field[] {
  const all = [...clients.values()];
  return [
    ["connected_clients", all.length],
    ["cluster_connections", 0],
    ["maxclients", config.maxclients],
    ["client_recent_max_input_buffer", greatest(all.map((client) => client.inputBytes))],
    ["client_recent_max_output_buffer", greatest(all.map((client) => client.outputBytes))],
    ["blocked_clients", all.filter((client) => client.isBlocked).length],
    ["tracking_clients", all.filter((client) => client.tracking !== null).length],
    ["pubsub_clients", all.filter((client) => client.subscriptionCount > 0).length],
    ["watching_clients", 0],
    ["clients_in_timeout_table", 0],
    ["total_watched_keys", 0],
    ["total_blocking_keys", 0],
    ["total_blocking_keys_on_nokey", 0],
  ];
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0);
}

/** Names of a data server stand here with 0, since dashboards ask for them. */
function statsFields({ counters, rates, pubsub, eventLoop }: ServerContext): Field[] {
  return [
    ["total_connections_received", counters.connectionsReceived],
    ["total_commands_processed", counters.commandsProcessed],
    ["instantaneous_ops_per_sec", Math.round(rates.commands.perSecond())],
    ["total_net_input_bytes", counters.inputBytes],
    ["total_net_output_bytes", counters.outputBytes],
    ["total_net_repl_input_bytes", 0],
    ["total_net_repl_output_bytes", 0],
    ["instantaneous_input_kbps", (rates.inputBytes.perSecond() / 1024).toFixed(2)],
    ["instantaneous_output_kbps", (rates.outputBytes.perSecond() / 1024).toFixed(2)],
    ["instantaneous_input_repl_kbps", "0.00"],
    ["instantaneous_output_repl_kbps", "0.00"],
    ["rejected_connections", counters.connectionsRejected],
    ...zeros("sync_full sync_partial_ok sync_partial_err expired_subkeys expired_keys"),
    ["expired_stale_perc", "0.00"],
    ...zeros("expired_time_cap_reached_count expire_cycle_cpu_milliseconds evicted_keys"),
    ["evicted_clients", counters.evictedClients],
    ...zeros("evicted_scripts total_eviction_exceeded_time"),
    ...zeros("current_eviction_exceeded_time keyspace_hits keyspace_misses"),
    ["pubsub_channels", pubsub.channelCount],
    ["pubsub_patterns", pubsub.patternCount],
    ...zeros("pubsubshard_channels latest_fork_usec total_forks migrate_cached_sockets"),
    ...zeros("slave_expires_tracked_keys active_defrag_hits active_defrag_misses"),
    ...zeros("active_defrag_key_hits active_defrag_key_misses total_active_defrag_time"),
    ...zeros("current_active_defrag_time tracking_total_keys tracking_total_items"),
    ...zeros("tracking_total_prefixes unexpected_error_replies"),
    ["total_error_replies", counters.errorReplies],
    ...zeros("dump_payload_sanitizations"),
    ["total_reads_processed", counters.reads],
    ["total_writes_processed", counters.writes],
    ...zeros("io_threaded_reads_processed io_threaded_writes_processed"),
    ["client_query_buffer_limit_disconnections", counters.queryBufferDisconnections],
    ["client_output_buffer_limit_disconnections", counters.outputBufferDisconnections],
    ...zeros("reply_buffer_shrinks reply_buffer_expands"),
    ["eventloop_cycles", eventLoop.cycles],
    ["eventloop_duration_sum", eventLoop.activeMicros],
    ["eventloop_duration_cmd_sum", Math.round(counters.commandMillis * 1000)],
    ["instantaneous_eventloop_cycles_per_sec", eventLoop.cyclesPerSecond],
    ["instantaneous_eventloop_duration_usec", eventLoop.microsPerCycle],
    ["acl_access_denied_auth", counters.deniedAuth],
    ["acl_access_denied_cmd", counters.deniedCommand],
    ["acl_access_denied_key", 0],
    ["acl_access_denied_channel", counters.deniedChannel],
    ["acl_access_denied_tls_cert", counters.deniedCertificate],
  ];
}

function zeros(names: string): Field[] {
  return names.split(" ").map((name) => [name, 0]);
}

function cpuFields(): Field[] {
  const { system, user } = process.cpuUsage();
  return [
    ["used_cpu_sys", seconds(system)],
    ["used_cpu_user", seconds(user)],
    ["used_cpu_sys_children", seconds(0)],
    ["used_cpu_user_children", seconds(0)],
    ["used_cpu_sys_main_thread", seconds(system)],
    ["used_cpu_user_main_thread", seconds(user)],
  ];
}

function seconds(micros: number): string {
  return (micros / 1e6).toFixed(6);
}
