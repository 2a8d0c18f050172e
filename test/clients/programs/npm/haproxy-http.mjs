// HAProxy with conf/haproxy.cfg, which asks our Sentinels by HTTP, before an application that knows nothing of them:
// a plain ioredis. Only addresses differ from the file.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import Redis from "ioredis-5";
import { key, lookForever, portOf, sayError, writeForever } from "./journal.mjs";

const redises = process.env.REDISES.split(",");
const httpPorts = process.env.HTTP_PORTS.split(",");

/** The file tells hosts apart, here it is ports. */
function configFor(writePort, readPort) {
  let text = readFileSync(process.env.HAPROXY_CFG, "utf8").replace(/^#.*$/gm, "");
  text = text.replace("bind :6380", `bind 127.0.0.1:${writePort}`);
  text = text.replace("bind :6381", `bind 127.0.0.1:${readPort}`);
  text = text.replaceAll("check port 9355", "check");
  for (const [at, redis] of redises.entries()) {
    const host = `10.0.0.${at + 1}`;
    const [ip, port] = redis.split(":");
    text = text.replaceAll(`${host}/6379`, `${ip}/${port}`);
    text = text.replaceAll(`addr ${host}\n`, `addr 127.0.0.1 port ${httpPorts[at]}\n`);
    // The one for reading has the Sentinel beside the server.
    text = text.replaceAll(`${host}:6379\n`, `${redis} port ${httpPorts[at]}\n`);
    text = text.replaceAll(`${host}:6379`, redis);
  }
  if (/10\.0\.0|6379|9355/.test(text)) throw new Error(`addresses were left: ${text}`);
  return text;
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

const [writePort, readPort] = [await freePort(), await freePort()];
const file = join(process.env.FOLDER, "haproxy-http.cfg");
writeFileSync(file, configFor(writePort, readPort));
// It stays in our process group, and ends with it.
const proxy = spawn("haproxy", ["-db", "-f", file], { stdio: ["ignore", "inherit", "inherit"] });
proxy.on("exit", (code) => process.exit(code ?? 1));

const connect = (port) => {
  const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50 });
  client.on("error", sayError);
  return client;
};
const writer = connect(writePort);
void writeForever((member) => writer.sadd(key, member));
void lookForever(async () => ({ master: Number((await writer.config("GET", "port"))[1]) }));
void lookForever(async () => {
  // Each time anew, as it is balanced by connection.
  const reader = connect(readPort);
  try {
    return { read: portOf(await reader.info("server")) };
  } finally {
    reader.disconnect();
  }
});
