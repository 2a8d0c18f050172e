import assert from "node:assert/strict";
import { Farm } from "../../bench/farm/farm.ts";
import type { SentinelNode } from "../../support/sentinel-node.ts";
import { DESK, type Stage } from "./stage.ts";
import type { Tab } from "./tab.ts";

const DOWN_AFTER_MS = 3_000;
/** A name that would be markup, were it not a text. */
const HOSTILE = "<img src=x onerror=document.title='owned'>";

/** A person notices that; a page that draws all anew each time would take longer. */
const LONG_MS = 1_000;

/** Simulated servers, and real Sentinels that watch them. */
async function withMasters(
  stage: Stage,
  groups: number,
  body: (farm: Farm, sentinels: readonly SentinelNode[], pages: readonly string[]) => Promise<void>,
): Promise<void> {
  const farm = await Farm.start(stage.scene, groups);
  try {
    const ports = await Promise.all([0, 1, 2].map(() => stage.scene.port()));
    const config = Array.from({ length: groups }, (_, group) => {
      const [host, port] = farm.master(group).split(":");
      const name = nameOf(group);
      return [
        `sentinel monitor ${name} ${host} ${port} 2`,
        `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${name} 10000`,
      ];
    }).flat();
    const sentinels = await Promise.all(
      ports.map((port) =>
        stage.scene.sentinel({ config, env: { REDIS_SENTINEL_TS_HTTP: String(port) } }),
      ),
    );
    await body(
      farm,
      sentinels,
      ports.map((port) => `http://127.0.0.1:${port}/`),
    );
  } finally {
    await farm.stop();
  }
}

/** The second is the hostile one. */
function nameOf(group: number): string {
  return group === 1 ? JSON.stringify(HOSTILE) : `shard-${group}`;
}

export async function twelveMasters(stage: Stage): Promise<void> {
  await withMasters(stage, 12, async (farm, _, [url = ""]) => {
    const tab = await stage.open(url);
    await tab.shows("header", /All 12 masters are well\./, 40_000);
    await hostileName(tab);
    await stage.pictures(tab, "twelve-calm");
    await keyboard(tab);
    await farm.act("hang", [farm.replica(7)]);
    await farm.killMasters([3, 7]);
    await tab.shows(".masters li", /shard-[37]/);
    await tab.shows("header", /Of 12 masters: 1 (down|failing over), 1 at risk\./, 30_000);
    const [worst] = await namesShown(tab);
    assert.equal(worst, "shard-7", "of which no replica is fit");
    await tab.evaluate("location.hash = ''");
    await tab.shows("h2", /shard-7/);
    await tab.shows(
      "article .findings",
      /waits until a replica is fit|No replica could take its place/,
    );
    await stage.pictures(tab, "twelve-killed");
    await farm.act("resume", [farm.replica(7)]);
    await tab.shows("header", /Of 12 masters: 2 at risk\./, 40_000);
    await stage.pictures(tab, "twelve-after");
    assert.equal(await tab.evaluate("document.querySelectorAll('img').length"), 0);
  });
}

async function namesShown(tab: Tab): Promise<string[]> {
  return await tab.evaluate(
    "[...document.querySelectorAll('.masters .name')].map(({ textContent }) => textContent)",
  );
}

async function hostileName(tab: Tab): Promise<void> {
  assert.ok((await namesShown(tab)).includes(HOSTILE));
  await tab.evaluate(`location.hash = "#master=" + encodeURIComponent(${JSON.stringify(HOSTILE)})`);
  await tab.shows("h2 .name", /^<img src=x/);
  assert.equal(await tab.text("h2 .name"), HOSTILE);
  assert.doesNotMatch(await tab.evaluate("document.title"), /owned/);
}

/** All can be reached and chosen without a mouse, and what is drawn anew does not take the focus. */
async function keyboard(tab: Tab): Promise<void> {
  const focused = () => tab.evaluate<string>("document.activeElement.innerText.trim()");
  await tab.evaluate("document.activeElement.blur()");
  await tab.press("/", "/");
  assert.equal(await tab.evaluate("document.activeElement.id"), "filter");
  await tab.type("shard-1");
  await tab.shows(".filter", /2 of 12 masters/);
  assert.deepEqual(await namesShown(tab), ["shard-10", "shard-11"]);
  await tab.press("ArrowDown");
  assert.match(await focused(), /shard-10/);
  await tab.press("ArrowDown");
  assert.match(await focused(), /shard-11/);
  const asked = () => tab.urls.filter((one) => one.endsWith("/status")).length;
  const before = asked();
  await tab.shows(".filter", /2 of 12 masters/);
  await tab.until("it was drawn anew", () => asked() > before + 1);
  assert.match(await focused(), /shard-11/);
  await tab.press("Enter", "\r");
  await tab.shows("h2", /Well\s+shard-11/);
  assert.equal(await tab.evaluate("document.activeElement.id"), "name", "who chose reads on there");
  assert.equal(await tab.evaluate("location.hash"), "#master=shard-11");
  await tab.press("/", "/");
  await tab.press("Escape");
  await tab.shows(".filter", /12 masters, trouble first/);
}

export async function threeHundredMasters(stage: Stage): Promise<void> {
  await withMasters(stage, 300, async (farm, _, [url = ""]) => {
    const tab = await stage.open(url);
    await tab.shows("header", /All 300 masters are well\./, 90_000);
    await stage.pictures(tab, "many-calm");
    const ms = await longestTaskMs(tab);
    assert.ok(ms < LONG_MS, `it stood still for ${ms} ms`);
    const killed = [5, 17, 150, 299];
    await farm.killMasters(killed);
    await tab.shows("header", /Of 300 masters: 4 at risk\./, 60_000);
    const names = (await namesShown(tab)).slice(0, killed.length);
    assert.deepEqual(names.toSorted(), ["shard-150", "shard-17", "shard-299", "shard-5"]);
    await stage.pictures(tab, "many-after");
    await tab.lookAt(DESK);
  });
}

/** How long the longest piece of work of the page took, that was done since it was opened. */
async function longestTaskMs(tab: Tab): Promise<number> {
  return await tab.evaluate(`new Promise((resolve) => {
    let most = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) most = Math.max(most, duration);
    });
    observer.observe({ type: "longtask", buffered: true });
    setTimeout(() => resolve(most), 0);
  })`);
}
