import assert from "node:assert/strict";
import type { Cluster } from "../../support/cluster.ts";
import { newMaster } from "../../support/cluster.ts";
import { type Stage, TOKEN } from "./stage.ts";
import type { Tab } from "./tab.ts";

/** A leader waits half of the second for a replica. */
const TIMES = { downAfterMs: 2_000, failoverTimeoutMs: 60_000 };

/** One master, from calm to calm. */
export async function oneMaster(stage: Stage): Promise<void> {
  const { cluster, pages } = await stage.cluster(TIMES);
  const [first = "", second = "", third = ""] = pages;
  const tab = await stage.open(first);
  await calm(stage, cluster, tab);
  await hidden(tab);
  await withoutEvents(stage, second);
  await withoutToken(stage, first);
  await withToken(stage, third);
  await killed(stage, cluster, pages);
  await afterwards(stage, cluster, tab);
  await lost(stage, cluster, tab);
}

async function calm(stage: Stage, { master, redises }: Cluster, tab: Tab): Promise<void> {
  await tab.shows("header", /mymaster is well\.\s+.*Live/s);
  await tab.shows(".why", /is up; if it died, 127\.0\.0\.1:\d+ would take over after/);
  assert.equal(await tab.evaluate("document.title"), "Sentinel: all is well");
  const cards = await tab.evaluate<string[]>(
    "[...document.querySelectorAll('.card title')].map(({ textContent }) => textContent)",
  );
  for (const { address } of redises) assert.ok(cards.some((card) => card.startsWith(address)));
  assert.equal(cards.filter((card) => card.includes("names this master")).length, 2);
  assert.match(await tab.text(".place"), new RegExp(`Clients go to ${master.address}`));
  assert.equal(await tab.count(".findings"), 0);
  await landmarks(tab);
  await tab.press("Tab");
  assert.equal(await tab.evaluate("document.activeElement.innerText"), "Skip to the masters");
  await tab.evaluate("document.activeElement.blur()");
  await stage.pictures(tab, "one-calm");
}

/** What a screen reader finds. */
async function landmarks(tab: Tab): Promise<void> {
  const { nodes } = await tab.send("Accessibility.getFullAXTree");
  const parts = (nodes as AxNode[]).filter(({ ignored }) => !ignored);
  const named = (role: string) =>
    parts.filter((one) => one.role?.value === role).map((one) => one.name?.value ?? "");
  assert.equal(named("main").length, 1);
  assert.deepEqual(named("heading").slice(0, 2), ["mymaster is well.", "Last events"]);
  assert.deepEqual(named("image"), ["Picture of mymaster: the table below says the same."]);
  assert.equal(named("status").length, 1, "changes are read out at one place");
  const nameless = ["button", "link", "textbox", "region"].filter((role) =>
    named(role).includes(""),
  );
  assert.deepEqual(nameless, []);
}

interface AxNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** A tab that nobody sees keeps no connection, and has missed nothing when it is seen again. */
async function hidden(tab: Tab): Promise<void> {
  const streams = () => tab.urls.filter((one) => one.endsWith("/events")).length;
  const see = (isHidden: boolean) =>
    tab.evaluate(`
      Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"))`);
  const before = streams();
  await see(true);
  await tab.shows("header", /No events come/);
  await see(false);
  await tab.shows("header", /Live/);
  assert.equal(streams(), before + 1);
}

/** A proxy may not let streams through: then it is asked again and again. */
async function withoutEvents(stage: Stage, url: string): Promise<void> {
  const tab = await stage.open("about:blank");
  await tab.send("Network.setBlockedURLs", { urls: ["*/events"] });
  await tab.send("Page.navigate", { url });
  await tab.shows("header", /mymaster is well\.\s+.*No events come/s);
  const asked = () => tab.urls.filter((one) => one.endsWith("/status")).length;
  const before = asked();
  await stage.scene.until("it is asked again", () => asked() >= before + 2);
  await tab.send("Page.navigate", { url: "about:blank" });
}

/** As somebody who comes through a proxy. */
async function fromElsewhere(stage: Stage, url: string): Promise<Tab> {
  const tab = await stage.open("about:blank");
  await tab.send("Network.setExtraHTTPHeaders", { headers: { "x-forwarded-for": "10.1.2.3" } });
  await tab.send("Page.navigate", { url });
  return tab;
}

async function withoutToken(stage: Stage, url: string): Promise<void> {
  const tab = await fromElsewhere(stage, url);
  await tab.shows("main", /Only from the machine itself: --http-token-file lets others in/);
  assert.equal(await tab.count("article, nav, input"), 0);
}

async function withToken(stage: Stage, url: string): Promise<void> {
  const tab = await fromElsewhere(stage, url);
  await tab.shows("main", /Token.*stays in this tab/s);
  assert.equal(await tab.count("article, nav"), 0);
  await stage.pictures(tab, "one-locked");
  await tab.evaluate("document.getElementById('token').focus()");
  await tab.type("wrong");
  await tab.press("Enter", "\r");
  await tab.shows("#refusal", /That token was refused\./);
  await tab.evaluate("document.getElementById('token').select()");
  await tab.type(TOKEN);
  await tab.press("Enter", "\r");
  await tab.shows("header", /mymaster is well\.\s+.*Live/s);
  await tab.shows(".events", /this Sentinel watches/);
  assert.equal(await tab.evaluate("localStorage.length + document.cookie.length"), 0);
  assert.ok(tab.urls.every((one) => !one.includes(TOKEN)));
}

/** The Sentinel stands still: the page says that what it shows is old, and comes back by itself. */
async function lost(stage: Stage, { sentinels }: Cluster, tab: Tab): Promise<void> {
  const [sentinel] = sentinels;
  assert.ok(sentinel);
  sentinel.freeze();
  await tab.shows(
    "header",
    /This Sentinel does not answer\.\s.*What you see is \d+ s old: mymaster is well, with/s,
    30_000,
  );
  assert.match(await tab.evaluate("document.title"), /^\(no answer\)/);
  await stage.pictures(tab, "one-lost");
  sentinel.thaw();
  await tab.shows("header", /Live.*This Sentinel stood still or its clock jumped/s);
}

/** The replicas stand still while the master dies, so that the failover waits where it can be seen. */
async function killed(stage: Stage, cluster: Cluster, pages: readonly string[]): Promise<void> {
  const { master, redises, sentinels } = cluster;
  const replicas = redises.slice(1);
  const tabs = await Promise.all(pages.map((url) => stage.open(url)));
  for (const tab of tabs) await tab.shows("header", /Live/);
  const leads = sentinels.map(async ({ events }, at) => {
    await events.next("+failover-state-select-slave");
    return at;
  });
  for (const replica of replicas) replica.freeze();
  await master.kill();
  const leader = await Promise.any(leads);
  const leading = tabs[leader];
  const other = tabs[(leader + 1) % tabs.length];
  assert.ok(leading && other);
  await leading.shows("h1", /mymaster is failing over\./);
  await leading.shows(".timeline .now", /this Sentinel chooses the replica/);
  assert.match(await leading.text(".timeline"), /down for this Sentinel.*elected.*clients are/s);
  await leading.shows(
    "article .findings",
    /A failover waits until a replica is fit.*: it is down/s,
  );
  await other.shows("h1", /mymaster is down\./);
  await leading.shows(".why.blocked, .why.busy", /./);
  await other.shows(".timeline .now", /another Sentinel leads, or is to be elected/);
  await stage.pictures(leading, "one-killed-leader");
  await stage.pictures(other, "one-killed-other");
  for (const replica of replicas) replica.thaw();
  await newMaster(cluster, master);
}

async function afterwards(stage: Stage, cluster: Cluster, tab: Tab): Promise<void> {
  await tab.shows("h1", /mymaster is well, with warnings\./);
  await tab.shows(".timeline", /The last failover: .*clients are sent to it/s);
  await tab.shows("article .findings", /Replica 127\.0\.0\.1:\d+ is down/);
  await tab.shows(".events", /the master of mymaster is 127\.0\.0\.1:\d+, and no longer/);
  const master = await cluster.sentinels[0]?.masterAddress();
  assert.match(await tab.text(".place"), new RegExp(`Clients go to ${master}`));
  await stage.pictures(tab, "one-after");
}
