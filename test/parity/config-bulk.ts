import type { Directive } from "../../src/config/directive-kinds.ts";
import { DIRECTIVES } from "../../src/config/directives.ts";
import type { FileCase } from "./config-program.ts";

/** Names that 7.0 does not know; that it refuses them is seen line by line. */
const SINCE_7_0 =
  /^(hide-user-data-from-log|cluster-announce-human-nodename|.*-cpulist|locale-collate|max-new-.*|cluster-ping-interval|set-max-listpack-.*|unixsocketgroup|tls-groups|tls-expected-peer-name|log-format|log-timestamp-format|tls-auth-clients-user|tls-auto-reload-interval|nothing)$/;
/** What decides over listening, logging, folder, background or links, and has cases of its own. */
const OWN_CASES =
  /^(port|bind|bind-source-addr|unixsocket|tls-.*|daemonize|supervised|dir|logfile|pidfile|syslog-enabled|aclfile|protected-mode|cluster-enabled|requirepass|activedefrag|watchdog-period|loglevel|replicaof|save|latency-tracking-info-percentiles|oom-score-adj|io-threads|maxmemory|proto-max-bulk-len|client-query-buffer-limit|appendonly|maxclients|timeout)$/;

const COMMON = DIRECTIVES.filter(({ name }) => !SINCE_7_0.test(name) && !OWN_CASES.test(name));

const CANDIDATES = [
  ...["no", "yes", "3", "77", "1234", "2mb", "normal 1gb 2 3", "1 2 3", "Kg$", "{port} x"],
  ...["local3", "always", "some.conf", "panic", "force now", "on-empty-db", "relative", "swapdb"],
  ...["hostname", "allkeys-lru", "clients", "local", "allchannels", "absolute", "'a \"b'"],
];

export const bulkFiles: readonly FileCase[] = [
  bulk("every directive at its default", (each) =>
    each.lines(each.sentinelDefault).map(({ text }) => text),
  ),
  bulk("every directive with another value", (each) => others(each).slice(0, 1)),
  bulk("every directive with a last other value", (each) => others(each).slice(-1)),
];

function bulk(name: string, texts: (each: Directive) => readonly string[]): FileCase {
  const lines = COMMON.flatMap((each) => texts(each).map((text) => `${each.name} ${text}\n`));
  return { name, text: `port {port}\ndir {folder}\n${lines.join("")}` };
}

/** Values in other words than the default's. */
function others(each: Directive): readonly string[] {
  return CANDIDATES.filter((text) => {
    const words = each.multi ? text.split(" ") : [text.replaceAll("'", "")];
    const parsed = each.parse(words, each.sentinelDefault);
    return parsed.ok && String(parsed.value) !== String(each.sentinelDefault);
  });
}
