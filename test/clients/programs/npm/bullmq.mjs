// An application: a queue of bullmq over ioredis, whose worker marks each job that it was given.
// A write is a job that the queue accepted.
import { Queue, Worker } from "bullmq";
import Redis from "ioredis-5";
import {
  key,
  masterName,
  redisUser,
  sayError,
  sentinels,
  sentinelUser,
  tls,
  writeForever,
} from "./journal.mjs";

const connect = () =>
  new Redis({
    sentinels,
    name: masterName,
    ...redisUser,
    sentinelUsername: sentinelUser.username,
    sentinelPassword: sentinelUser.password,
    ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    // bullmq asks for it: its workers wait in blocking commands.
    maxRetriesPerRequest: null,
  });

const marks = connect();
const queue = new Queue("life", { connection: connect() });
const worker = new Worker("life", ({ name }) => marks.sadd(key, name), { connection: connect() });
for (const part of [marks, queue, worker]) part.on("error", sayError);
void writeForever((name) => queue.add(name, {}, { removeOnComplete: true }));
