import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Scene, sceneTest } from "../support/scene.ts";

// Beside +sdown the log says why [D-TOLD].

/** What the log says of a master that is never fit to be watched. */
async function reasonOf(scene: Scene, port: number, ...config: string[]): Promise<string> {
  const node = await scene.sentinel({
    config: [
      `sentinel monitor mymaster 127.0.0.1 ${port} 1`,
      "sentinel down-after-milliseconds mymaster 500",
      ...config,
    ],
  });
  await node.events.next("+sdown");
  const said = () => node.child.log.lines.filter((line) => line.includes(": last error: "));
  await scene.until("a reason", () => said().length > 0);
  const [first = ""] = said();
  assert.match(first, / \* master mymaster 127\.0\.0\.1 \d+: last error: /);
  assert.equal(said().filter((line) => line.endsWith(first.split("* ")[1] ?? "")).length, 1);
  return first.split("last error: ")[1] ?? "";
}

sceneTest("a port that nobody listens on", async (scene) => {
  assert.match(await reasonOf(scene, await scene.port()), /refused/i);
});

sceneTest("a wrong password, and none", async (scene) => {
  const redis = await scene.redis({
    config: ["requirepass right"],
    credentials: { password: "right" },
  });
  const wrong = await reasonOf(scene, redis.port, "sentinel auth-pass mymaster wrong");
  assert.match(wrong, /NOAUTH|WRONGPASS/);
  assert.doesNotMatch(wrong, /wrong\b/);
  assert.match(await reasonOf(scene, redis.port), /it refuses (PING|INFO|SUBSCRIBE): NOAUTH/);
});

sceneTest("a user who may not PING", async (scene) => {
  const redis = await scene.redis({ config: ["user weak on >w ~* &* +@all -ping"] });
  const lines = ["sentinel auth-user mymaster weak", "sentinel auth-pass mymaster w"];
  assert.match(await reasonOf(scene, redis.port, ...lines), /it refuses PING: NOPERM .*'ping'/);
});

sceneTest("a server that cannot save (MISCONF)", async (scene) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write("-MISCONF Errors writing to the AOF file\r\n"));
  });
  const port = await scene.port();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  try {
    assert.match(await reasonOf(scene, port), /it refuses PING: MISCONF Errors writing/);
  } finally {
    server.close();
  }
});

/** A certificate and its key, in files. */
interface Certified {
  readonly cert: string;
  readonly key: string;
}

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"] as const;

/** An authority, which serves as a server's certificate, too. */
function authority({ folder }: Scene, name: string): Certified {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  const subject = ["-days", "2", "-subj", `/CN=${name}`, ...names];
  openssl("req", "-x509", ...newKey, "-keyout", key, "-out", cert, ...subject);
  return { cert, key };
}

/** One of the authority that ended yesterday. */
function expired({ folder }: Scene, signer: Certified): Certified {
  const [cert, key, request] = ["crt", "key", "csr"].map((end) => join(folder, `old.${end}`));
  assert.ok(cert && key && request);
  openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=old");
  const by = ["-CA", signer.cert, "-CAkey", signer.key, "-set_serial", "5"];
  openssl("x509", "-req", "-in", request, ...by, "-days", "-1", "-out", cert);
  return { cert, key };
}

function tlsLines(ca: Certified, own: Certified): string[] {
  return [`tls-ca-cert-file ${ca.cert}`, `tls-cert-file ${own.cert}`, `tls-key-file ${own.key}`];
}

async function tlsServer(scene: Scene, own: Certified, ...more: string[]): Promise<number> {
  const config = [...tlsLines(own, own), ...more];
  const tls = { ca: read(own.cert), cert: read(own.cert), key: read(own.key) };
  return (await scene.redis({ tls: true, config, credentials: { tls } })).port;
}

const read = (file: string) => readFileSync(file);
const links = "tls-replication yes";

sceneTest("TLS where the other side speaks plain", async (scene) => {
  const redis = await scene.redis();
  const own = authority(scene, "own");
  const reason = await reasonOf(scene, redis.port, links, ...tlsLines(own, own));
  assert.match(reason, /^TLS: no answer to the handshake: its port may speak plain/);
});

sceneTest("plain where the other side wants TLS", async (scene) => {
  const port = await tlsServer(scene, authority(scene, "own"));
  assert.match(await reasonOf(scene, port), /before it said a word: its port may be for TLS/);
});

sceneTest("a TLS server that takes another version of TLS", async (scene) => {
  const own = authority(scene, "own");
  const port = await tlsServer(scene, own, "tls-protocols TLSv1.2");
  const lines = [...tlsLines(own, own), "tls-protocols TLSv1.3"];
  const reason = await reasonOf(scene, port, links, ...lines);
  assert.equal(reason, "TLS alert of the other side: protocol version");
});

for (const [what, make, alert] of [
  ["of another authority", (scene: Scene) => authority(scene, "other"), "unknown ca"],
  ["that has ended", expired, "certificate expired"],
] as const) {
  sceneTest(`a TLS server that gets a certificate ${what}`, async (scene) => {
    const own = authority(scene, "own");
    const port = await tlsServer(scene, own);
    const reason = await reasonOf(scene, port, links, ...tlsLines(own, make(scene, own)));
    assert.equal(reason, `TLS alert of the other side: ${alert}`);
  });
}

sceneTest("a TLS server of another authority", async (scene) => {
  const port = await tlsServer(scene, authority(scene, "own"));
  const other = authority(scene, "other");
  const reason = await reasonOf(scene, port, links, ...tlsLines(other, other));
  assert.equal(reason, "TLS: its certificate is not valid here: self-signed certificate");
});

sceneTest("two Sentinels, one with TLS and one without", async (scene) => {
  const own = authority(scene, "own");
  const plainPort = await scene.port();
  // One server, at a port of either kind.
  const tlsPort = await tlsServer(scene, own, "tls-auth-clients no", `port ${plainPort}`);
  const start = (port: number, tls: boolean, more: string[]) =>
    scene.sentinel({
      tls,
      ...(tls ? { credentials: { tls: { ca: read(own.cert) } } } : {}),
      config: [
        `sentinel monitor mymaster 127.0.0.1 ${port} 2`,
        "sentinel down-after-milliseconds mymaster 500",
        ...more,
      ],
    });
  const encrypted = [links, "tls-auth-clients no", ...tlsLines(own, own)];
  const [tls, plain] = await Promise.all([
    start(tlsPort, true, encrypted),
    start(plainPort, false, []),
  ]);
  for (const [node, reason] of [
    [tls, /sentinel \S+ 127\.0\.0\.1 .*: last error: TLS: .*its port may speak plain/],
    [plain, /sentinel \S+ 127\.0\.0\.1 .*: last error: .*its port may be for TLS/],
  ] as const) {
    const lines = () => node.child.log.lines.filter((line) => reason.test(line));
    await scene.until(`${node.name} says why`, () => lines().length > 0);
    assert.equal(lines().length, 1, node.child.log.tail(10));
  }
});
