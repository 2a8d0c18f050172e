import assert from "node:assert/strict";
import { type LoadedConfig, loadConfig } from "../../src/config/load.ts";
import { rewriteConfig } from "../../src/config/rewrite.ts";
import { verifyRewritten } from "../../src/config/verify.ts";
import { sourceOf } from "../config/support.ts";
import type { Chance } from "./chance.ts";

const LINES = `port 26379
bind * -::*
bind 127.0.0.1 ::1
protected-mode yes
timeout 10
loglevel debug
logfile "/tmp/x y"
dir /tmp
requirepass "s3\\x00cret"
user alice on >pw ~* &* +@all -shutdown (+ping ~x)
user default off nopass
acllog-max-len 5
client-output-buffer-limit pubsub 32mb 8mb 60
maxmemory 1gb
rename-command CONFIG ""
include more.conf
include *.conf
save 900 1
tls-port 26380
latency-tracking-info-percentiles 50 99
module.option x
sentinel myid 17ec4eb3d34b75653de4dd82d41ccfed4ea47512
sentinel monitor m 127.0.0.1 6379 2
sentinel monitor "m 2" ::1 6380 1
sentinel down-after-milliseconds m 5000
sentinel failover-timeout m 180000
sentinel parallel-syncs m 1
sentinel notification-script m /bin/true
sentinel auth-pass m "a b"
sentinel auth-user m bob
sentinel config-epoch m 3
sentinel leader-epoch m 4
sentinel known-replica m 127.0.0.1 6381
sentinel known-slave m 127.0.0.1 6382
sentinel known-sentinel m 127.0.0.1 26380 d56d8f66d56d8f66d56d8f66d56d8f66d56d8f66
sentinel rename-command m CONFIG other
sentinel current-epoch 7
sentinel announce-ip 10.0.0.1
sentinel announce-port 7000
sentinel resolve-hostnames yes
sentinel sentinel-user s
sentinel sentinel-pass p
# comment`.split("\n");

/** These load on their own, in any order; the master stands in the file anyway. */
const HARMLESS = LINES.filter((line) => !/include|tls-port|monitor|rename|module|save/.test(line));

/** A file loads or fails with a reason; what loaded is rewritten, and that loads to the same. */
export function fuzzFiles(chance: Chance): void {
  const files = { "more.conf": text(chance, 3) };
  const oldText = `${text(chance, 4)}\nsentinel monitor m 127.0.0.1 6379 2\n${text(chance, 8)}`;
  const loaded = loadConfig(sourceOf(oldText, files));
  if (!loaded.ok) {
    if (loaded.error.kind === "directive") assert.notEqual(loaded.error.reason, "");
    return;
  }
  rewrite(loaded.config, oldText);
}

function rewrite({ sentinel, generic, server }: LoadedConfig, oldText: string): void {
  const written = rewriteConfig({
    ...{ oldText, generic, sentinel, users: null },
    ...{ loglevel: server.loglevel, workingDir: "/" },
  });
  const input = { path: "sentinel.conf", text: written, expected: sentinel, generic };
  assert.equal(verifyRewritten(input), null);
}

function text(chance: Chance, most: number): string {
  const lines = chance.many(most, () => line(chance));
  return lines.join(chance.pick(["\n", "\n", "\r\n"]));
}

/** Mostly right: a file with one wrong line says nothing of what a rewrite does. */
function line(chance: Chance): string {
  const known = chance.once(3) ? chance.pick(LINES) : chance.pick(HARMLESS);
  if (!chance.once(6)) return known;
  if (chance.once(4)) return chance.bytes(40);
  if (chance.once(2)) return chance.mutate(known);
  const words = known.split(" ");
  words[chance.int(0, words.length)] = chance.pick([chance.digits(), chance.bytes(6), '""']);
  return words.join(" ");
}
