import assert from "node:assert/strict";
import { join } from "node:path";
import type { Tab } from "./tab.ts";

/** As README shows it: what a person sees after a failover, without scrolling. */
const LOOK = { width: 1280, height: 800 };
/** A page of a repository should not take long to load. */
const MOST_BYTES = 200_000;

/** `page.png` and `page-dark.png`. */
export async function screenshots(tab: Tab, folder: string): Promise<void> {
  for (const dark of [false, true]) {
    await tab.lookAt({ ...LOOK, dark });
    await tab.settled();
    const bytes = await tab.screenshot(join(folder, dark ? "page-dark.png" : "page.png"));
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  }
}
