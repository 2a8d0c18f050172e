import type { RedisNode } from "../../support/redis-node.ts";
import type { Scene } from "../../support/scene.ts";
import type { SentinelNode } from "../../support/sentinel-node.ts";
import type { Own } from "./normalise.ts";

/** A daemon of each kind in the same part. */
export interface Pair {
  readonly theirs: SentinelNode;
  readonly ours: SentinelNode;
  readonly own: { readonly theirs: Own; readonly ours: Own };
  /** The password of `default`, if it has one. */
  readonly login: string | null;
  /** To be called before a group. */
  begin?(): Promise<void>;
  /** What stands for a placeholder of the corpus. */
  values(side: "theirs" | "ours"): Readonly<Record<string, string>>;
}

export interface Cast {
  pair(name: string): Pair;
}

const securedLines = [
  "requirepass s3cret",
  "user ops on >opspass +@connection +sentinel|masters +info ~* &+*",
  "user listener on >earpass ~* resetchannels &+sdown &-s* +subscribe +psubscribe +publish +ping",
];

/**
 * `main`: both watch one master with two replicas, and each other. `secured`: passwords and
 * users. `stuck`: a master whose replica falls silent, so that a failover stands still.
 */
export async function createCast(scene: Scene): Promise<Cast> {
  const master = await scene.redis();
  const [replica, other, standing] = await Promise.all([
    scene.redis({ master }),
    scene.redis({ master, config: ["replica-priority 50"] }),
    scene.redis(),
  ]);
  const silent = await scene.redis({ master: standing });
  const values = {
    master: String(master.port),
    replica: String(replica.port),
    other: String(other.port),
    stuck: String(standing.port),
    epoch: String(1000),
    dead: String(await scene.port()),
    folder: scene.folder,
  };
  const watch = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 2`];
  const [main, secured, stuck] = await Promise.all([
    startPair(scene, watch, null, values),
    startPair(scene, securedLines, "s3cret", values),
    startPair(scene, stuckLines(standing), null, values),
  ]);
  let isSilent = false;
  const fallSilent = async () => {
    if (!isSilent) await silent.call("CLIENT", "PAUSE", "600000", "ALL");
    isSilent = true;
  };
  await Promise.all([settled(scene, main, 2, 1), settled(scene, stuck, 1, 1)]);
  const pairs = new Map([
    ["main", main],
    ["secured", secured],
    ["stuck", { ...stuck, begin: fallSilent }],
  ]);
  return {
    pair(name) {
      const found = pairs.get(name);
      if (found === undefined) throw new Error(`no pair ${name}`);
      return found;
    },
  };
}

function stuckLines(master: RedisNode): readonly string[] {
  return [
    `sentinel monitor stuck 127.0.0.1 ${master.port} 2`,
    "sentinel down-after-milliseconds stuck 600000",
    "sentinel failover-timeout stuck 600000",
  ];
}

async function startPair(
  scene: Scene,
  config: readonly string[],
  login: string | null,
  values: Readonly<Record<string, string>>,
): Promise<Pair> {
  const credentials = login === null ? {} : { password: login };
  const [theirs, ours] = await Promise.all([
    scene.sentinel({ kind: "c", config, credentials }),
    scene.sentinel({ kind: "ours", config, credentials }),
  ]);
  const ids = { theirs: await theirs.myId(), ours: await ours.myId() };
  return {
    theirs,
    ours,
    login,
    own: {
      theirs: ownWords(theirs, ours, ids.theirs, ids.ours),
      ours: ownWords(ours, theirs, ids.ours, ids.theirs),
    },
    values(side) {
      const id = ids[side];
      const port = String((side === "theirs" ? theirs : ours).port);
      return { ...values, id, port };
    },
  };
}

function ownWords(self: SentinelNode, peer: SentinelNode, id: string, peerId: string): Own {
  return [
    [id, "own id"],
    [peerId, "peer id"],
    [String(self.port), "own port"],
    [String(peer.port), "peer port"],
    [self.folder, "own folder"],
  ];
}

/** Both know the replicas in sync and each other, and have seen the latter answer. */
async function settled(
  scene: Scene,
  { theirs, ours }: Pair,
  replicas: number,
  peers: number,
): Promise<void> {
  for (const node of [theirs, ours]) {
    const [name = ""] = (await node.call("ROLE").then(masterNames)) ?? [];
    await scene.until(`${node.name} knows all of ${name}`, async () => {
      const rows = await node.replicas(name);
      const others = await node.sentinels(name);
      return (
        rows.length === replicas &&
        rows.every((row) => row.flags === "slave" && row["master-link-status"] === "ok") &&
        others.length === peers &&
        others.every((row) => row.flags === "sentinel" && row["last-ok-ping-reply"] !== undefined)
      );
    });
  }
}

function masterNames(role: unknown): readonly string[] {
  const names: unknown = Array.isArray(role) ? role[1] : [];
  return Array.isArray(names) ? names.map(String) : [];
}
