import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { Authority, type Certificate } from "../server/certificates.ts";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { writeText } from "../support/files.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import type { ServerNode } from "../support/server-node.ts";
import { connection } from "../support/tls-connection.ts";

// The certificates of ours change while clients and two C Sentinels are connected to it, and it to them.

const oldAuthority = new Authority("old authority");
const newAuthority = new Authority("new authority");
after(() => {
  oldAuthority.remove();
  newAuthority.remove();
});

const LISTENER = /The TLS files of the listener have changed and were read again/g;
const UNUSABLE = /\+tls-error (listener|links) #the old files stay in use: .*mismatch/g;
const ASKED = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"];
const STAYING = 4;
const COMING = 1;

sceneTest(
  "certificates are renewed under load, among C Sentinels: nothing is dropped, and nobody is missed [D-RENEWED]",
  async (scene) => {
    const { cluster, tls, put, live } = await start(scene);
    const [ours, ...peers] = cluster.sentinels;
    assert.ok(ours);
    const { child, port } = ours;
    const kept = await connectionsOf(cluster, ours);
    assert.deepEqual(
      kept.map(({ length }) => length),
      // Two of ours at each server, one at each peer, and one of each peer at ours.
      [2, 2, 2, 1, 1, 1, 1],
    );
    const load = new Load(port, tls);
    const goesOn = async (name: string) => {
      const before = load.counts();
      const isMore = (count: number, at: number) => count > (before[at] ?? 0) + 1;
      await scene.until(`clients go on after ${name}`, () => {
        return load.errors.length > 0 || load.counts().every(isMore);
      });
      assert.deepEqual(load.errors, []);
      const { socket, name: shown } = await connection(port, tls);
      socket.destroy();
      assert.equal(shown, name);
    };
    const said = (what: RegExp) => child.log.lines.join("\n").match(what)?.length ?? 0;
    const hangUp = async (what: RegExp) => {
      const before = said(what);
      child.signal("SIGHUP");
      await scene.until(`${what}`, () => said(what) > before);
    };
    await goesOn("first");
    for (const [name, authority] of [
      ["second", oldAuthority],
      ["third", newAuthority],
    ] as const) {
      put(live, authority.certificate(name, HERE));
      await hangUp(LISTENER);
      await goesOn(name);
    }
    // Half of a pair, as while it is being copied.
    const fourth = newAuthority.certificate("fourth", HERE);
    copyFileSync(fourth.certFile, live.certFile);
    await hangUp(UNUSABLE);
    await goesOn("third");
    put(live, fourth);
    await hangUp(LISTENER);
    await goesOn("fourth");
    const { certFile, keyFile } = newAuthority.certificate("fifth", HERE);
    const files = ["tls-cert-file", certFile, "tls-key-file", keyFile];
    assert.equal(await ours.call("SENTINEL", "CONFIG", "SET", ...files), "OK");
    await goesOn("fifth");
    assert.deepEqual(await connectionsOf(cluster, ours), kept);

    // From now on the servers take new connections of the new authority's only.
    for (const node of cluster.redises) {
      await node.call("CONFIG", "SET", "tls-ca-cert-file", newAuthority.certFile);
    }
    await cut(kept, cluster, ours);
    await scene.until("all are connected again", async () => {
      const found = await connectionsOf(cluster, ours);
      return found.every(({ length }, at) => length === kept[at]?.length);
    });
    for (const node of cluster.redises) {
      await node.call("CONFIG", "SET", "tls-ca-cert-file", tls.file);
    }
    await load.end();
    assert.deepEqual(load.errors, []);
    const id = await ours.myId();
    for (const peer of peers) {
      const row = (await peer.sentinels()).find(({ runid }) => runid === id);
      assert.equal(row?.flags, "sentinel", peer.name);
    }
    for (const { events, name } of cluster.sentinels) {
      const bad = events.events.filter(({ channel }) => /down|failover|reboot/.test(channel));
      assert.deepEqual(bad, [], name);
    }
    await cluster.master.kill();
    await onlyMaster(cluster, await newMaster(cluster, cluster.master));
  },
  { timeoutMs: 150_000 },
);

const HERE = "IP:127.0.0.1";

interface Trust extends ConnectionOptions {
  /** Both authorities. */
  readonly file: string;
}

async function start(scene: Scene) {
  const file = writeText(scene.folder, "both.crt", [
    readFileSync(oldAuthority.certFile, "utf8"),
    readFileSync(newAuthority.certFile, "utf8"),
  ]);
  const others = oldAuthority.certificate("others", HERE);
  const live = { certFile: join(scene.folder, "crt"), keyFile: join(scene.folder, "key") };
  const put = (to: Certificate, from: Certificate) => {
    copyFileSync(from.certFile, to.certFile);
    copyFileSync(from.keyFile, to.keyFile);
  };
  put(live, oldAuthority.certificate("first", HERE));
  const lines = ({ certFile, keyFile }: Certificate) => [
    `tls-cert-file ${certFile}`,
    `tls-key-file ${keyFile}`,
    `tls-ca-cert-file ${file}`,
    "tls-replication yes",
  ];
  const tls: Trust = {
    file,
    ca: readFileSync(file),
    cert: readFileSync(others.certFile),
    key: readFileSync(others.keyFile),
  };
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "c"],
    downAfterMs: 5_000,
    redis: { tls: true, config: lines(others), credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
    sentinelConfig: (index) => lines(index === 0 ? live : others),
  });
  return { cluster, tls, put, live };
}

/** The ids of its connections at each server and peer, then those of each peer at it. */
async function connectionsOf({ redises, sentinels }: Cluster, ours: SentinelNode) {
  const id = await ours.myId();
  const others = sentinels.filter((node) => node !== ours);
  const away = [...redises, ...others].map((node) => connectionsTo(node, id));
  const here = others.map(async (peer) => await connectionsTo(ours, await peer.myId()));
  return await Promise.all([...away, ...here]);
}

async function connectionsTo(node: ServerNode, id: string): Promise<readonly string[]> {
  const list = String(await node.call("CLIENT", "LIST")).split("\n");
  const own = list.filter((line) => line.includes(`name=sentinel-${id.slice(0, 8)}-`));
  return own.map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "").sort();
}

/** Closes them where they were found. */
async function cut(
  ids: readonly (readonly string[])[],
  { redises, sentinels }: Cluster,
  ours: SentinelNode,
): Promise<void> {
  const others = sentinels.filter((node) => node !== ours);
  const places: readonly ServerNode[] = [...redises, ...others, ...others.map(() => ours)];
  for (const [at, node] of places.entries()) {
    for (const id of ids[at] ?? []) await node.call("CLIENT", "KILL", "ID", id);
  }
}

/** Clients that ask again and again: some on one connection, some on a new one each time. */
class Load {
  readonly errors: unknown[] = [];
  readonly #counts = Array.from({ length: STAYING + COMING }, () => 0);
  readonly #ends: Promise<void>[];
  #isOver = false;

  constructor(port: number, tls: ConnectionOptions) {
    const open = () => RespClient.open({ port, tls, timeoutMs: 20_000 });
    this.#ends = this.#counts.map((_, at) => this.#ask(at, open));
  }

  counts(): readonly number[] {
    return [...this.#counts];
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#ends);
  }

  async #ask(at: number, open: () => Promise<RespClient>): Promise<void> {
    try {
      let client = await open();
      while (!this.#isOver) {
        const reply = await client.call(...ASKED);
        if (!Array.isArray(reply)) throw new Error(String(reply));
        this.#counts[at] = (this.#counts[at] ?? 0) + 1;
        if (at < STAYING) continue;
        client.close();
        client = await open();
      }
      client.close();
    } catch (error) {
      this.errors.push(error);
    }
  }
}
