import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { ask, rawConnection } from "../http/harness.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

/** Each is found nowhere but in the files that must hold it. */
const SECRETS = {
  server: "zq-server-password-1",
  newServer: "zq-server-password-2",
  requirepass: "zq-requirepass-3",
  user: "zq-user-password-4",
  sentinel: "zq-sentinel-pass-5",
  token: "zq-http-token-number-6",
  hook: "zq-webhook-secret-7",
  hookPath: "zq-webhook-path-8",
  wrong: "zq-mistyped-password-9",
};

interface Posted {
  readonly head: string;
  readonly body: string;
}

/** Takes what is posted to it. */
async function receiver(scene: Scene): Promise<{ readonly port: number; readonly got: Posted[] }> {
  const port = await scene.port();
  const got: Posted[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      got.push({ head: JSON.stringify(request.headers), body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  server.unref();
  return { port, got };
}

function secretFile(scene: Scene, name: string, text: string): string {
  const file = join(scene.folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

sceneTest(
  "no secret of the set-up is in a page, metric, event, log, journal, reply or webhook",
  async (scene) => {
    const port = await scene.port();
    const { port: hookPort, got } = await receiver(scene);
    const credentials = { password: SECRETS.server };
    const master = await scene.redis({ credentials, config: [`requirepass ${SECRETS.server}`] });
    const hook = {
      url: `http://127.0.0.1:${hookPort}/${SECRETS.hookPath}`,
      events: ["*"],
      secretFile: secretFile(scene, "hook", SECRETS.hook),
    };
    // One that nobody takes: what is said of it says no address.
    const dead = { ...hook, name: "dead", url: `http://127.0.0.1:1/${SECRETS.hookPath}` };
    const sentinel = await scene.sentinel({
      credentials: { password: SECRETS.requirepass },
      config: [
        `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
        "sentinel down-after-milliseconds mymaster 500",
        "sentinel failover-timeout mymaster 1000",
        `sentinel auth-pass mymaster ${SECRETS.server}`,
        `sentinel sentinel-pass ${SECRETS.sentinel}`,
        `requirepass ${SECRETS.requirepass}`,
        `user operator on >${SECRETS.user} ~* &* +@all`,
        "loglevel debug",
      ],
      env: {
        REDIS_SENTINEL_TS_HTTP: `${port}`,
        REDIS_SENTINEL_TS_HTTP_TOKEN_FILE: secretFile(scene, "token", SECRETS.token),
        REDIS_SENTINEL_TS_WEBHOOKS: secretFile(scene, "hooks.json", JSON.stringify([hook, dead])),
      },
    });
    const client = await sentinel.connect();
    await client.call("SENTINEL", "SET", "mymaster", "auth-pass", SECRETS.newServer);
    const stranger = await RespClient.open({ port: sentinel.port });
    await assert.rejects(stranger.call("AUTH", "operator", SECRETS.wrong));
    stranger.close();
    const headers = { authorization: `Bearer ${SECRETS.token}`, via: "x" };
    const wrongly = { authorization: `Bearer ${SECRETS.wrong}`, via: "x" };
    assert.equal((await ask(port, "/status", { headers: wrongly })).status, 401);
    await master.kill();
    await scene.until("a failover came to nothing", () =>
      sentinel.child.log.lines.some((line) => line.includes("-failover-abort-no-good-slave")),
    );
    await scene.until("the webhook hears of it", () =>
      got.some(({ body }) => body.includes("-failover-abort-no-good-slave")),
    );

    const events = rawConnection(
      port,
      "GET /events?last-event-id=0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    await scene.until("what happened is told again", () => events.text.includes("-failover-abort"));
    events.socket.destroy();
    const paths = ["/", "/page.js", "/status", "/metrics", "/history", "/readyz", "/quorumz"];
    const pages = await Promise.all(
      paths.map(async (path) => {
        const page = await ask(port, path, { headers });
        assert.ok(page.status === 200 || path.endsWith("z"), path);
        return [path, JSON.stringify(page.headers) + page.body] as const;
      }),
    );
    const requests = [
      ["INFO", "everything"],
      ["SENTINEL", "MASTERS"],
      ["SENTINEL", "CONFIG", "GET", "*"],
      ["SENTINEL", "JOURNAL", "mymaster"],
      ["CONFIG", "GET", "*"],
      ["ACL", "LOG"],
      ["CLIENT", "LIST"],
    ];
    const replies = await Promise.all(
      requests.map(async (words) => {
        const reply = await client.call(...words).catch((error: unknown) => String(error));
        return [words.join(" "), JSON.stringify(reply)] as const;
      }),
    );
    const journal = `${sentinel.file}.journal`;
    await scene.until("the journal is written", () => existsSync(journal));
    const said: ReadonlyMap<string, string> = new Map([
      ...pages,
      ...replies,
      ["events", events.text],
      ["log", sentinel.child.log.lines.join("\n")],
      ["journal", readFileSync(journal, "latin1")],
      ["command line", readFileSync(`/proc/${sentinel.child.pid}/cmdline`, "latin1")],
      ["webhook", got.map(({ head, body }) => head + body).join("\n")],
    ]);
    // Else the search would find nothing in nothing.
    for (const where of [
      "/status",
      "/metrics",
      "/history",
      "events",
      "log",
      "journal",
      "webhook",
    ]) {
      assert.match(said.get(where) ?? "", /mymaster/, where);
    }
    assert.match(said.get("log") ?? "", /Webhook dead does not take events: Connection refused/);
    for (const [where, text] of said) {
      const shown = Object.values(SECRETS).filter((secret) => text.includes(secret));
      assert.deepEqual(shown, SHOWN[where] ?? [], where);
    }
  },
);

/** As in Redis. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "SENTINEL CONFIG GET *": [SECRETS.sentinel],
};
