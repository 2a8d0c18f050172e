import type { KindName, SceneryName } from "./scenery.ts";

/** A client, how its program is run, and what can be expected of it. */
export interface ClientSpec {
  readonly name: string;
  /** What it is, for the table. */
  readonly title: string;
  /** Debian packages that bring it. */
  readonly packages?: readonly string[];
  /** How its program is compiled, run in that folder. */
  readonly build?: readonly string[];
  /** Below the folder in which the set-up put the programs. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it tells of the topology beside its writes. */
  readonly tells: readonly ("master" | "replicas" | "read")[];
  /** Sceneries that it cannot enter, each with the reason. */
  readonly cannot?: Partial<Readonly<Record<SceneryName, string>>>;
  /** It asks what only these Sentinels answer. */
  readonly onlyWith?: KindName;
  /** A fault of its own that loses it a life now and then, with Sentinels of either kind. */
  readonly flaw?: { readonly shows: RegExp; readonly what: string };
  /** It authenticates with a password alone, as the default user. */
  readonly passwordOnly?: boolean;
}

const everything = ["master", "replicas", "read"] as const;

function node(name: string, title: string, more: Partial<ClientSpec> = {}): ClientSpec {
  return { name, title, command: ["node", `npm/${name}.mjs`], tells: everything, ...more };
}

const noSentinelPassword = "its library cannot authenticate to a Sentinel";
const noTls = "its library knows no TLS";

/**
 * createSentinel in `lib/sentinel/index.js`: a reset of its own (`execute` with a client that is not
 * ready) asks for the replicas, `analyze` closes those that are flagged, and only `[-+]sdown`, `+slave` and
 * their like make it ask again. A Sentinel that has just lost its own connection to the replica says
 * `disconnected`, and publishes nothing when that is over.
 */
const losesReplicas = {
  shows: /: sees replicas /,
  what: "when CLIENT KILL of a reconfiguration ends its connection to a replica, it asks a Sentinel at once; if that one, too, is still disconnected from the replica, the client leaves it out until the next event. A `scanInterval` helps; the lives are without, to show what the events are worth. C Sentinels connect again after up to a second, ours show a replica that ended its connections as there until it refuses one",
} as const;

/** The same program with RESP2 and with RESP3. */
function bothProtocols(
  file: string,
  title: string,
  more: Partial<ClientSpec> = {},
): readonly ClientSpec[] {
  return ["2", "3"].map((resp) => ({
    ...node(file, `${title}, RESP${resp}`, more),
    name: `${file}-resp${resp}`,
    env: { RESP: resp },
  }));
}

export const clients: readonly ClientSpec[] = [
  node("ioredis-4", "ioredis 4.31"),
  node("ioredis-5", "ioredis 5.11"),
  node("ioredis-detector", "ioredis 5.11, failoverDetector"),
  node("ioredis-nat", "ioredis 5.11, natMap", {
    cannot: { tls: "its second address is not in the certificate" },
  }),
  ...bothProtocols("ioredis-6", "ioredis 6.0"),
  node("iovalkey", "iovalkey 0.4"),
  node("node-redis-4", "node-redis 4.7, get-master-addr-by-name"),
  ...bothProtocols("node-redis-5", "node-redis 5.12, createSentinel", { flaw: losesReplicas }),
  ...bothProtocols("node-redis-6", "node-redis 6.3, createSentinel", { flaw: losesReplicas }),
  node("bullmq", "bullmq 6.7 on ioredis 5.11", { tells: [] }),
  {
    name: "redis-py",
    title: "redis-py 4.3.4",
    packages: ["python3-redis"],
    // Debian's interpreter: another one on PATH does not see Debian's packages.
    command: ["/usr/bin/python3", "python/redis_py.py"],
    tells: everything,
  },
  {
    name: "phpredis",
    title: "phpredis 5.3.7",
    packages: ["php-cli", "php-redis"],
    command: ["php", "php/phpredis.php"],
    tells: everything,
  },
  {
    name: "predis",
    title: "Predis 1.1.10",
    // php-nrk-predis, its name of old, only leads there.
    packages: ["php-cli", "php-predis"],
    command: ["php", "php/predis.php"],
    tells: everything,
    cannot: { auth: noSentinelPassword },
  },
  {
    name: "redis-rb",
    title: "redis-rb 4.8",
    packages: ["ruby", "ruby-redis"],
    command: ["ruby", "ruby/redis_rb.rb"],
    tells: everything,
  },
  {
    name: "hiredis",
    title: "hiredis 0.14, C",
    packages: ["gcc", "libc6-dev", "libhiredis-dev"],
    build: ["gcc", "-O2", "-Wall", "-o", "c/life", "c/hiredis.c", "-lhiredis"],
    command: ["c/life"],
    tells: everything,
    cannot: { tls: noTls },
  },
  {
    name: "go-redis",
    title: "go-redis 5.2, NewFailoverClient",
    packages: ["golang-go", "golang-gopkg-redis.v5-dev"],
    build: ["go", "build", "-o", "go/goredis/life", "go/goredis/main.go"],
    command: ["go/goredis/life"],
    tells: ["master", "replicas"],
    cannot: { auth: noSentinelPassword, tls: noTls },
  },
  {
    name: "redigo",
    title: "redigo with FZambia/sentinel",
    packages: ["golang-go", "golang-github-fzambia-sentinel-dev"],
    build: ["go", "build", "-o", "go/redigo/life", "go/redigo/main.go"],
    command: ["go/redigo/life"],
    tells: ["master", "replicas"],
  },
  ...["2", "3"].map((resp) => ({
    name: `redis-cli-resp${resp}`,
    title: `redis-cli 7.0, RESP${resp}`,
    packages: ["redis-tools"],
    command: ["bash", "shell/redis_cli.sh"],
    env: { RESP: resp },
    tells: everything,
  })),
  node("haproxy", "HAProxy 2.6 before a plain ioredis", {
    packages: ["haproxy"],
    tells: ["master"],
    cannot: {
      auth: "its checks are those of the chart without passwords",
      tls: "its checks are those of the chart without TLS",
    },
  }),
  node("haproxy-http", "HAProxy 2.6 with conf/haproxy.cfg before a plain ioredis", {
    packages: ["haproxy"],
    tells: ["master", "read"],
    onlyWith: "ours",
    cannot: {
      auth: "it has no password, and is the same with one",
      tls: "it asks without TLS",
    },
  }),
];
