import type { FarmServer } from "./farm-server.ts";

/** INFO of a real server, cut where each simulated server writes its own lines. */
export interface InfoTemplate {
  readonly beforeRunId: string;
  readonly beforeReplication: string;
  readonly afterReplication: string;
}

export function cutInfo(text: string): InfoTemplate {
  const parts = /^(.*)run_id:\w+\r\n(.*)# Replication\r\n(?:\w[^\r]*\r\n)*(.*)$/s.exec(text);
  if (parts === null) throw new Error("INFO without run_id or replication section");
  const [, beforeRunId = "", beforeReplication = "", afterReplication = ""] = parts;
  return { beforeRunId, beforeReplication, afterReplication };
}

/** As long as the answer of a real server, since reading it is part of a Sentinel's cost. */
export function infoText(template: InfoTemplate, server: FarmServer): string {
  const { beforeRunId, beforeReplication, afterReplication } = template;
  const identity = `${beforeRunId}run_id:${server.runId}\r\n${beforeReplication}`;
  return `${identity}# Replication\r\n${replicationLines(server)}${afterReplication}`;
}

function replicationLines(server: FarmServer): string {
  const replicas = server.linkedReplicas.map(
    ({ host, port, offset }, index) =>
      `slave${index}:ip=${host},port=${port},state=online,offset=${offset},lag=0`,
  );
  const lines = [
    ...(server.upstream === null ? ["role:master"] : replicaLines(server)),
    `connected_slaves:${replicas.length}`,
    ...replicas,
    "master_failover_state:no-failover",
    `master_replid:${server.runId}`,
    "master_replid2:0000000000000000000000000000000000000000",
    `master_repl_offset:${server.offset}`,
    "second_repl_offset:-1",
    "repl_backlog_active:1",
    "repl_backlog_size:1048576",
    "repl_backlog_first_byte_offset:1",
    `repl_backlog_histlen:${server.offset}`,
  ];
  return `${lines.join("\r\n")}\r\n`;
}

function replicaLines(server: FarmServer): readonly string[] {
  const [host = "", port = ""] = (server.upstream ?? "").split(":");
  const downSeconds = Math.floor(server.linkDownMs / 1000);
  return [
    "role:slave",
    `master_host:${host}`,
    `master_port:${port}`,
    `master_link_status:${server.linkUp ? "up" : "down"}`,
    `master_last_io_seconds_ago:${server.linkUp ? 0 : -1}`,
    "master_sync_in_progress:0",
    `slave_read_repl_offset:${server.offset}`,
    `slave_repl_offset:${server.offset}`,
    ...(server.linkUp ? [] : [`master_link_down_since_seconds:${downSeconds}`]),
    "slave_priority:100",
    "slave_read_only:1",
    "replica_announced:1",
  ];
}
