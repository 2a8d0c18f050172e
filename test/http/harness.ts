import { request as requestByHttp } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { why } from "../../src/explain/why.ts";
import type { Keys } from "../../src/http/access.ts";
import type { HttpHost } from "../../src/http/host.ts";
import { HttpListener } from "../../src/http/listener.ts";
import { situationOf } from "../../src/view/situation.ts";
import { View } from "../../src/view/view.ts";
import {
  healthyMaster,
  LoneSentinel,
  PEER_ID,
  PLAIN_MASTER,
  type PlainMaster,
} from "../core/harness.ts";
import { releasePort, reservePort } from "../support/ports.ts";

const VERSIONS = { redis: "7.4.0", own: "1.2.3" };

export interface Listening {
  readonly port: number;
  readonly listener: HttpListener;
  readonly sentinel: LoneSentinel;
  /** What was logged. */
  readonly said: string[];
  /** False: the core is not loaded yet. */
  isStarted: boolean;
  keys: Keys;
  hooks: ReturnType<HttpHost["hooks"]>;
  certificateEndsAt: number | null;
  history: HttpHost["history"];
}

/** One master with a replica and another Sentinel, all of them well. */
export function watching(master: PlainMaster = PLAIN_MASTER, host = "10.0.0.1"): LoneSentinel {
  const replicas = [{ host: "10.0.0.2", port: 6379 }];
  const sentinels = [{ host: "10.0.0.9", port: 26379, runId: PEER_ID }];
  const config = { ...master, host, replicas, sentinels, authPass: "s3cret" };
  const sentinel = new LoneSentinel({ masters: [config] });
  sentinel.step({ type: "start" });
  sentinel.live(3, healthyMaster);
  return sentinel;
}

/** A listener of its own before a Sentinel that a test moves. */
export async function listening(t: TestContext, sentinel: LoneSentinel): Promise<Listening> {
  const port = await reservePort();
  const said: string[] = [];
  const view = new View(sentinel.core.state, VERSIONS);
  const listener = new HttpListener({
    address: "127.0.0.1",
    port,
    tls: null,
    keys: () => scene.keys,
    host: {
      view: () => (scene.isStarted ? view : null),
      now: () => sentinel.now,
      hooks: () => scene.hooks,
      certificateEndsAt: () => scene.certificateEndsAt,
      history: (query) => (scene.isStarted ? scene.history(query) : null),
      explain: (name) => (scene.isStarted ? Promise.resolve(explained(name)) : null),
      wallNow: () => 1_700_000_000_000 + sentinel.now,
      log: (_level, text) => said.push(text),
      fault: (where, error) => said.push(`${where}: ${String(error)}`),
    },
  });
  const explained = (name: string) => {
    const master = view.master(name, sentinel.now);
    return master && why(situationOf(view.sentinel(sentinel.now), master, null));
  };
  const history: HttpHost["history"] = () => Promise.resolve([]);
  const keys: Keys = { names: [], tokens: [] };
  const scene: Listening = {
    port,
    listener,
    sentinel,
    said,
    isStarted: true,
    keys,
    hooks: [],
    certificateEndsAt: null,
    history,
  };
  await listener.listen();
  t.after(() => {
    listener.close();
    releasePort(port);
  });
  return scene;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** On a connection of its own. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = requestByHttp(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** A connection on which nothing is HTTP but what the test writes; `text` is what came back. */
export interface RawConnection {
  readonly socket: Socket;
  text: string;
  readonly closed: Promise<void>;
}

export function rawConnection(port: number, first = ""): RawConnection {
  const socket = connect({ host: "127.0.0.1", port });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const raw: RawConnection = { socket, text: "", closed };
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    raw.text += chunk.toString("latin1");
  });
  if (first !== "") socket.write(first);
  return raw;
}
