// The few lines that every program of this folder shares: its settings, and what it says.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const { env } = process;

export const clientName = env.CLIENT_NAME;
export const masterName = env.MASTER_NAME;
export const resp = Number(env.RESP ?? 2);
export const sentinels = env.SENTINELS.split(",").map((address) => {
  const [host, port] = address.split(":");
  return { host, port: Number(port) };
});

/** undefined where the scenery has no such thing. */
export const redisUser = { username: env.REDIS_USERNAME, password: env.REDIS_PASSWORD };
export const sentinelUser = { username: env.SENTINEL_USERNAME, password: env.SENTINEL_PASSWORD };
export const tls = env.TLS_CA === undefined ? undefined : { ca: readFileSync(env.TLS_CA) };

/** Every write is a member of this set, so that a retried one counts once. */
export const key = `life:${clientName}`;

export function say(fields) {
  process.stdout.write(`${JSON.stringify({ t: Date.now(), ...fields })}\n`);
}

export function sayError(error) {
  say({ error: `${error?.message || error?.code || error}` });
}

/** Milliseconds between two writes, and between two looks at the topology. */
const writePauseMs = 20;
const lookPauseMs = 250;

export async function writeForever(write) {
  for (let seq = 1; ; seq++) {
    try {
      await write(String(seq));
      say({ wrote: seq });
    } catch (error) {
      sayError(error);
    }
    await wait(writePauseMs);
  }
}

export async function lookForever(look) {
  for (;;) {
    try {
      say(await look());
    } catch (error) {
      sayError(error);
    }
    await wait(lookPauseMs);
  }
}

/** `tcp_port` of INFO: the server that answered. */
export function portOf(info) {
  return Number(/^tcp_port:(\d+)/m.exec(info)?.[1]);
}

/** A row of SENTINEL REPLICAS is a flat array in RESP2 and a map in RESP3. */
export function rowOf(reply) {
  if (reply instanceof Map) return Object.fromEntries(reply);
  if (!Array.isArray(reply)) return reply;
  const row = {};
  for (let at = 0; at < reply.length; at += 2) row[reply[at]] = reply[at + 1];
  return row;
}

export function healthyPorts(rows) {
  return rows
    .map(rowOf)
    .filter((row) => !/down|disconnected/.test(row.flags))
    .map((row) => Number(row.port));
}
