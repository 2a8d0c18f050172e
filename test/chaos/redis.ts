import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../support/child.ts";
import { RespClient } from "../support/resp-client.ts";
import { ServerNode } from "../support/server-node.ts";
import { enter, type Host } from "./fabric.ts";

export interface ChaosRedisOptions {
  readonly host: Host;
  readonly port: number;
  readonly folder: string;
  readonly master?: ChaosRedis;
}

/** A real redis-server on a host, with a file that Sentinels may have it rewrite. */
export class ChaosRedis extends ServerNode {
  readonly host: Host;
  readonly #folder: string;

  static launch(options: ChaosRedisOptions): ChaosRedis {
    writeFileSync(join(options.folder, "redis.conf"), configText(options));
    const name = `redis-${options.host.name}-${options.port}`;
    return new ChaosRedis(name, options);
  }

  private constructor(name: string, { host, port, folder }: ChaosRedisOptions) {
    super(name, port, spawnRedis(name, host, folder), {});
    this.host = host;
    this.#folder = folder;
  }

  override get address(): string {
    return `${this.host.address}:${this.port}`;
  }

  override async connect(): Promise<RespClient> {
    return await RespClient.open({ host: this.host.address, port: this.port });
  }

  async restart(): Promise<void> {
    this.disconnect();
    const before = this.child.log.lines;
    this.child = spawnRedis(this.name, this.host, this.#folder);
    this.child.log.lines.unshift(...before);
    await this.ready();
  }

  async follows(master: ChaosRedis): Promise<boolean> {
    const { role, master_host, master_port, master_link_status } = await this.info("replication");
    return (
      role === "slave" &&
      `${master_host}:${master_port}` === master.address &&
      master_link_status === "up"
    );
  }
}

function configText({ host, port, folder, master }: ChaosRedisOptions): string {
  const lines = [
    `port ${port}`,
    "bind 0.0.0.0",
    "protected-mode no",
    `dir ${folder}`,
    'save ""',
    "appendonly no",
    "repl-diskless-sync-delay 0",
    "repl-diskless-load swapdb",
    "repl-ping-replica-period 1",
    "repl-timeout 10",
    `replica-announce-ip ${host.address}`,
    ...(master === undefined ? [] : [`replicaof ${master.host.address} ${master.port}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function spawnRedis(name: string, host: Host, folder: string): Child {
  const command = [...enter(host), "redis-server", join(folder, "redis.conf")];
  return new Child({ name, command, folder });
}
