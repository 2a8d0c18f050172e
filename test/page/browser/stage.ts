import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Cluster, type ClusterOptions, startCluster } from "../../support/cluster.ts";
import { writeText } from "../../support/files.ts";
import { Scene } from "../../support/scene.ts";
import type { Chrome } from "./chrome.ts";
import { type Look, Tab } from "./tab.ts";

export const DESK: Look = { width: 1280, height: 900 };
/** The narrowest telephone, the usual screen, and a wall. */
export const SIZES: readonly Look[] = [
  { width: 360, height: 780 },
  DESK,
  { width: 3840, height: 2160 },
];

export const TOKEN = "a-token-of-24-characters";

/** Processes, a browser, and a folder for what is to be looked at. */
export class Stage {
  readonly scene = new Scene();
  readonly chrome: Chrome;
  readonly #looks: string;
  readonly #tabs: Tab[] = [];

  constructor(chrome: Chrome, looks: string) {
    this.chrome = chrome;
    this.#looks = looks;
    mkdirSync(looks, { recursive: true });
  }

  /** A cluster each of whose Sentinels has a page; the last one shows it to others who have the token. */
  async cluster(options: ClusterOptions = {}): Promise<{ cluster: Cluster; pages: string[] }> {
    const kinds = options.sentinels ?? ["ours", "ours", "ours"];
    const ports = await Promise.all(kinds.map(() => this.scene.port()));
    const left = [...ports];
    const file = writeText(this.scene.folder, "tokens", [TOKEN]);
    chmodSync(file, 0o600);
    const token = ({ length }: readonly number[]) =>
      length === 0 ? [`REDIS_SENTINEL_TS_HTTP_TOKEN_FILE=${file}`] : [];
    const cluster = await startCluster(this.scene, {
      sentinelPlace: () => ["env", `REDIS_SENTINEL_TS_HTTP=${left.shift()}`, ...token(left)],
      ...options,
    });
    return { cluster, pages: ports.map((port) => `http://127.0.0.1:${port}/`) };
  }

  async open(url: string, look = DESK): Promise<Tab> {
    const tab = await Tab.open(this.chrome, url, look);
    this.#tabs.push(tab);
    return tab;
  }

  /** In all sizes and both schemes: pictures to look at, of which nothing hangs out. */
  async pictures(tab: Tab, name: string): Promise<void> {
    for (const look of SIZES) {
      await tab.lookAt(look);
      await fits(tab, `${name} at ${look.width}`);
      await tab.screenshot(join(this.#looks, `${name}-${look.width}.png`));
    }
    await tab.lookAt({ ...DESK, dark: true });
    await tab.settled();
    await tab.screenshot(join(this.#looks, `${name}-dark.png`));
    await tab.lookAt(DESK);
  }

  /** What must hold of every page at its end, whatever was shown. */
  judge(): void {
    for (const { complaints, urls } of this.#tabs) {
      assert.deepEqual(complaints, []);
      const origins = new Set(urls.map((url) => new URL(url).origin));
      assert.equal(origins.size, 1, [...origins].join(", "));
    }
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#tabs.map((tab) => tab.close()));
    await this.scene.cleanUp();
  }
}

/** Nothing has to be scrolled sideways, and no text leaves its card. */
async function fits(tab: Tab, what: string): Promise<void> {
  // The picture follows the size of the window a moment later.
  await tab.settled();
  const found = await tab.evaluate(`(() => {
    const wide = document.scrollingElement.scrollWidth - innerWidth;
    const out = [...document.querySelectorAll(".card")].flatMap((card) => {
      const edge = card.querySelector("rect").getBoundingClientRect().right;
      return [...card.querySelectorAll("text")]
        .filter((text) => text.getBoundingClientRect().right > edge)
        .map((text) => text.textContent);
    });
    return { wide: Math.max(0, wide), out };
  })()`);
  assert.deepEqual(found, { wide: 0, out: [] }, what);
}
