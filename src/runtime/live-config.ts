import { createSecureContext } from "node:tls";
import { strerror } from "../base/errno.ts";
import { withChanges } from "../config/changed-values.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { toServerConfig } from "../config/to-server-config.ts";
import type { LiveSettings } from "../core/live-settings.ts";
import { listenerOptions } from "../server/tls-options.ts";
import { clientOptions } from "./links/tls-client.ts";

/** What may be changed, and whether CONFIG GET shows it. */
const NAMES: ReadonlyMap<string, "shown" | "secret"> = new Map([
  ["maxclients", "shown"],
  ["timeout", "shown"],
  ["tcp-keepalive", "shown"],
  ["acllog-max-len", "shown"],
  ["requirepass", "secret"],
  ["tls-cert-file", "shown"],
  ["tls-key-file", "shown"],
  ["tls-key-file-pass", "secret"],
  ["tls-client-cert-file", "shown"],
  ["tls-client-key-file", "shown"],
  ["tls-client-key-file-pass", "secret"],
  ["tls-ca-cert-file", "shown"],
  ["tls-ca-cert-dir", "shown"],
]);

/**
 * The part of the file that belongs to the process and that SENTINEL CONFIG SET may change [D-LIVE-SETTINGS]. It is
 * asked before a change; the core keeps what was changed, and hands it back when it is on disk.
 */
export class LiveConfig implements LiveSettings {
  readonly #loaded: LoadedConfig;
  readonly #mostClients: number;
  #changes: ReadonlyMap<string, string> = new Map();
  #written: { changes: ReadonlyMap<string, string>; values: LoadedConfig["generic"] } | null = null;

  /** `mostClients`: for how many there are descriptors. */
  constructor(loaded: LoadedConfig, mostClients: number) {
    this.#loaded = loaded;
    this.#mostClients = mostClients;
  }

  has(name: string): boolean {
    return NAMES.has(name);
  }

  get(name: string): string | null {
    if (NAMES.get(name) !== "shown") return null;
    const given = this.#loaded.generic.values.get(name);
    const { tcpKeepaliveSeconds, timeoutSeconds, acllogMaxLen } = this.#loaded.server;
    const defaults: Readonly<Record<string, number>> = {
      maxclients: this.#loaded.server.maxclients,
      timeout: timeoutSeconds,
      "tcp-keepalive": tcpKeepaliveSeconds,
      "acllog-max-len": acllogMaxLen,
    };
    return this.#changes.get(name) ?? String(given ?? defaults[name] ?? "");
  }

  refuse(changes: ReadonlyMap<string, string>): string | null {
    for (const name of changes.keys()) {
      const file = this.#loaded.generic.included.directives.get(name);
      if (file !== undefined)
        return `ERR '${name}' is said by the included file ${file}: change it there`;
    }
    if (changes.has("requirepass") && this.#loaded.server.aclfile !== null) {
      return "ERR The users are in an ACL file: use ACL SETUSER default and ACL SAVE";
    }
    const changed = withChanges(this.#loaded.generic, new Map([...this.#changes, ...changes]));
    if (!changed.ok) {
      return `ERR Invalid value to SENTINEL CONFIG SET '${changed.name}': ${changed.reason}`;
    }
    const next = toServerConfig(changed.values);
    if (changes.has("maxclients") && next.maxclients > this.#mostClients) {
      return `ERR The operating system is not able to handle the specified number of clients, try with ${this.#mostClients}`;
    }
    return [...changes.keys()].some((name) => name.startsWith("tls-")) ? refuseTls(next) : null;
  }

  /** What is in effect after these changes since the start: for the file, and for the process. */
  use(changes: ReadonlyMap<string, string>): ServerConfig {
    this.#changes = changes;
    const { maxclients } = this.#loaded.server;
    const next = toServerConfig(this.valuesWith(changes));
    return changes.has("maxclients") ? next : { ...next, maxclients };
  }

  /** The same object for the same changes: what is the same is not written anew. */
  valuesWith(changes: ReadonlyMap<string, string>): LoadedConfig["generic"] {
    if (this.#written?.changes !== changes) {
      this.#written = { changes, values: this.#valuesWith(changes) };
    }
    return this.#written.values;
  }

  #valuesWith(changes: ReadonlyMap<string, string>): LoadedConfig["generic"] {
    if (changes.size === 0) return this.#loaded.generic;
    const changed = withChanges(this.#loaded.generic, changes);
    if (!changed.ok) throw new Error(`'${changed.name}' was checked: ${changed.reason}`);
    return changed.values;
  }
}

/** As TLS itself would find it at the next connection: files that are there, and belong together. */
function refuseTls(next: ServerConfig): string | null {
  try {
    if (next.tlsPort !== 0) listenerOptions(next.tls);
    if (next.tlsReplication) createSecureContext(clientOptions(next.tls));
    return null;
  } catch (error) {
    return `ERR Unable to update TLS configuration: ${strerror(error)}`;
  }
}
