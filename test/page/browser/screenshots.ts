import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { newMaster } from "../../support/cluster.ts";
import type { Stage } from "./stage.ts";

/** As README shows it: what a person sees after a failover, without scrolling. */
const LOOK = { width: 1280, height: 720 };
/** A page of a repository should not take long to load. */
const MOST_BYTES = 100_000;

/** `page.png` and `page-dark.png`: the Sentinel that led a failover, a moment after it. */
export async function screenshots(stage: Stage, folder: string): Promise<void> {
  const { cluster, pages } = await stage.cluster({ downAfterMs: 2_000 });
  const { master, sentinels } = cluster;
  await master.kill();
  await newMaster(cluster, master);
  const leader = sentinels.findIndex(({ events }) => events.has("+failover-end"));
  const tab = await stage.open(pages[leader] ?? "");
  await tab.shows(".timeline", /The last failover: .*Why: /s);
  await tab.shows("article .findings", /Replica 127\.0\.0\.1:\d+ is down/);
  for (const dark of [false, true]) {
    await tab.lookAt({ ...LOOK, dark });
    await tab.settled();
    const file = join(folder, dark ? "page-dark.png" : "page.png");
    await tab.screenshot(file);
    execFileSync("pngquant", ["64", "--force", "--strip", "--output", file, file]);
    const { size } = statSync(file);
    assert.ok(size < MOST_BYTES, `${file}: ${size} bytes`);
  }
}
