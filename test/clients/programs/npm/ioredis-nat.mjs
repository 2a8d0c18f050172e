// natMap: the Sentinels name 127.0.0.1, the client goes to another address of the same servers,
// as it would from outside of a container network.
import Redis from "ioredis-5";
import { live } from "./ioredis-life.mjs";
import { sayError } from "./journal.mjs";

const outside = "127.0.0.2";
const natMap = (address) => {
  const [, port] = address.split(":");
  return { host: outside, port: Number(port) };
};

const writer = live(Redis, { natMap });
writer.on("ready", () => {
  const { remoteAddress } = writer.stream;
  if (remoteAddress !== outside) sayError(new Error(`natMap was passed by: ${remoteAddress}`));
});
