// HAProxy as the DandyDeveloper chart sets it up: each server has a backend whose checks ask every
// Sentinel, inline, whether it names that server; a server that two of them name, and that says
// role:master itself, gets the clients. The chart tells servers apart by address, we by port.
// Behind it an application that knows nothing of Sentinels: a plain ioredis.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import Redis from "ioredis-5";
import { key, lookForever, masterName, sayError, sentinels, writeForever } from "./journal.mjs";

const redises = process.env.REDISES.split(",");

const checks = (server, at) => [
  `backend check_if_redis_is_master_${at}`,
  "  option tcp-check",
  "  tcp-check connect",
  "  tcp-check send PING\\r\\n",
  "  tcp-check expect string +PONG",
  `  tcp-check send SENTINEL\\ get-master-addr-by-name\\ ${masterName}\\r\\n`,
  `  tcp-check expect string ${server.split(":")[1]}`,
  // No answer is expected: a Sentinel of Redis 7 calls it an unknown command.
  "  tcp-check send QUIT\\r\\n",
  ...sentinels.map(({ host, port }, n) => `  server S${n} ${host}:${port} check inter 1s`),
];

const master = [
  "backend bk_redis_master",
  "  option tcp-check",
  "  tcp-check connect",
  "  tcp-check send PING\\r\\n",
  "  tcp-check expect string +PONG",
  "  tcp-check send info\\ replication\\r\\n",
  "  tcp-check expect string role:master",
  "  tcp-check send QUIT\\r\\n",
  "  tcp-check expect string +OK",
  ...redises.flatMap((server, at) => [
    `  use-server R${at} if { srv_is_up(R${at}) } { nbsrv(check_if_redis_is_master_${at}) ge 2 }`,
    `  server R${at} ${server} check inter 1s fall 1 rise 1 on-marked-down shutdown-sessions`,
  ]),
];

function configFor(port) {
  const timeouts = ["connect 4s", "server 330s", "client 330s", "check 2s"];
  return [
    "defaults",
    "  mode tcp",
    ...timeouts.map((timeout) => `  timeout ${timeout}`),
    "frontend ft_redis_master",
    `  bind 127.0.0.1:${port}`,
    "  use_backend bk_redis_master",
    ...redises.flatMap(checks),
    ...master,
    "",
  ].join("\n");
}

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const port = await freePort();
const file = join(process.env.FOLDER, "haproxy.cfg");
writeFileSync(file, configFor(port));
// It stays in our process group, and ends with it.
const proxy = spawn("haproxy", ["-db", "-f", file], { stdio: ["ignore", "inherit", "inherit"] });
proxy.on("exit", (code) => process.exit(code ?? 1));
const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50 });
client.on("error", sayError);
void writeForever((member) => client.sadd(key, member));
void lookForever(async () => ({ master: Number((await client.config("GET", "port"))[1]) }));
