import { toRecord } from "../../support/resp-client.ts";
import type { SentinelNode } from "../../support/sentinel-node.ts";
import type { Group, Step } from "./corpus.ts";
import { fill, wordsOf } from "./corpus.ts";
import { normalise, type Own } from "./normalise.ts";
import { RawConnection } from "./raw-connection.ts";
import { showWire, type Wire } from "./wire.ts";

export type Protocol = 2 | 3;

/** What one daemon said to one step. */
export interface Said {
  readonly exact: string;
  readonly normal: string;
}

/** One daemon in the part of one group: its connections and the values of the placeholders. */
export class Actor {
  readonly #node: SentinelNode;
  readonly #own: Own;
  readonly #values: Readonly<Record<string, string>>;
  readonly #login: string | null;
  readonly #connections = new Map<string, RawConnection>();

  constructor(
    node: SentinelNode,
    own: Own,
    values: Readonly<Record<string, string>>,
    login: string | null,
  ) {
    this.#node = node;
    this.#own = own;
    this.#values = values;
    this.#login = login;
  }

  /** Null: the step compares nothing. */
  async play(step: Step, protocol: Protocol): Promise<Said | null> {
    switch (step.type) {
      case "request":
        return await this.#request(step.connection, step.line, protocol);
      case "raw": {
        const connection = await this.#connection(step.connection, protocol);
        connection.write(unquote(fill(step.line, this.#values)));
        return this.#said(step.line, await connection.collect(), connection);
      }
      case "last": {
        const connection = await this.#connection("1", protocol);
        connection.write(unquote(fill(step.line, this.#values)));
        const text = JSON.stringify(await connection.finish());
        return { exact: text, normal: text };
      }
      case "listen": {
        const connection = await this.#connection(step.connection, protocol);
        return this.#said("", await connection.collect(), connection);
      }
      case "reconnect":
        this.close();
        return null;
      case "until":
        return null;
      default:
        return step satisfies never;
    }
  }

  /** Whether the reply, as text, is the one that a step waits for. */
  async sees(line: string, pattern: RegExp): Promise<boolean> {
    const connection = await RawConnection.open(this.#node.port);
    try {
      const values = await connection.ask(wordsOf(fill(line, this.#values)));
      return pattern.test(values.map(showWire).join("\n"));
    } finally {
      connection.close();
    }
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #request(name: string, line: string, protocol: Protocol): Promise<Said> {
    const connection = await this.#connection(name, protocol);
    const addr = `127.0.0.1:${connection.port}`;
    const me = line.includes("{me}") ? await connection.askId() : "";
    const values = { ...this.#values, addr, me };
    const words = wordsOf(fill(line, values));
    return this.#said(line, await connection.ask(words), connection);
  }

  #said(line: string, values: readonly Wire[], connection: RawConnection): Said {
    const end = connection.ended ? " then close" : "";
    const exact = values.map(showWire).join(" ") + end;
    return { exact, normal: normalise(line, values, this.#own) + end };
  }

  async #connection(name: string, protocol: Protocol): Promise<RawConnection> {
    const present = this.#connections.get(name);
    if (present !== undefined) return present;
    const opened = await RawConnection.open(this.#node.port);
    this.#connections.set(name, opened);
    // The clients of a protected daemon say HELLO themselves, or what they say instead of it.
    if (protocol === 3 && this.#login === null) await opened.ask(["HELLO", "3"]);
    return opened;
  }
}

/** Escapes as in a double-quoted word; the rest stands for itself. */
function unquote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };
  return text.replace(/\\(x([0-9a-f]{2})|[rnt\\])/g, (whole, first: string, hex?: string) =>
    hex === undefined ? (escapes[first] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** What every group finds: one master with its settings, one user, nothing paused. */
export async function restore(node: SentinelNode, group: Group): Promise<void> {
  await node.call("CLIENT", "UNPAUSE");
  if (group.pair === "stuck") return;
  const masters = await node.call("SENTINEL", "MASTERS");
  const names = (Array.isArray(masters) ? masters : []).map((row) => toRecord(row).name ?? "");
  for (const name of names) {
    if (name !== "mymaster") await node.call("SENTINEL", "REMOVE", name);
  }
  const defaults = names.includes("mymaster") ? [...OF_MASTER, ...DEFAULTS] : DEFAULTS;
  for (const words of defaults) await node.call(...words.split(" "));
  const users = await node.call("ACL", "USERS");
  const guests = (Array.isArray(users) ? users : []).map(String);
  const strangers = guests.filter((name) => name !== "default" && name !== "ops");
  if (strangers.length > 0) await node.call("ACL", "DELUSER", ...strangers);
  await node.call("ACL", "LOG", "RESET");
}

const OF_MASTER = [
  "SENTINEL SET mymaster quorum 2 down-after-milliseconds 30000 failover-timeout 180000",
  "SENTINEL SET mymaster parallel-syncs 1 master-reboot-down-after-period 0",
] as const;

const DEFAULTS = [
  "SENTINEL CONFIG SET resolve-hostnames no",
  "SENTINEL CONFIG SET announce-hostnames no",
  "SENTINEL CONFIG SET announce-port 0",
  "SENTINEL SIMULATE-FAILURE help",
  "SENTINEL DEBUG info-period 10000 ping-period 1000 script-retry-delay 30000",
] as const;
