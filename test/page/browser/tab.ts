import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { until } from "../../support/until.ts";
import type { Chrome } from "./chrome.ts";

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

/** Browsers answer a page that a person would wait for. */
const SHOWN_MS = 20_000;

/** A tab of its own, as a person's who has never seen the page. */
export class Tab {
  /** What the console said that it should not, and requests that failed. */
  readonly complaints: string[] = [];
  /** All that was asked for. */
  readonly urls: string[] = [];
  readonly #chrome: Chrome;
  readonly #session: string;
  readonly #context: string;

  static async open(chrome: Chrome, url: string, look: Look): Promise<Tab> {
    const { browserContextId } = await chrome.send("Target.createBrowserContext");
    const made = { url: "about:blank", browserContextId };
    const { targetId } = await chrome.send("Target.createTarget", made);
    const attached = await chrome.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(chrome, String(attached.sessionId), String(browserContextId));
    for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) {
      await tab.send(`${domain}.enable`);
    }
    await tab.lookAt(look);
    await tab.send("Page.navigate", { url });
    return tab;
  }

  private constructor(chrome: Chrome, session: string, context: string) {
    this.#chrome = chrome;
    this.#session = session;
    this.#context = context;
    const hear = (method: string, read: (params: Record<string, unknown>) => void) =>
      chrome.on(method, (params, from) => from === session && read(params));
    hear("Runtime.exceptionThrown", (params) => this.complaints.push(JSON.stringify(params)));
    hear("Log.entryAdded", ({ entry }) => this.#complain(entry));
    hear("Runtime.consoleAPICalled", (params) => this.complaints.push(JSON.stringify(params)));
    hear("Network.requestWillBeSent", ({ request }) => {
      const { url } = request as { url: string };
      if (url !== "about:blank") this.urls.push(url);
    });
  }

  /** That a connection failed, that a token is needed, or that it still starts, is what the page is to show. */
  #complain(entry: unknown): void {
    const { text, source } = entry as { text: string; source: string };
    const isOfNetwork = source === "network" && /ERR_|401|403|503/.test(text);
    if (!isOfNetwork) this.complaints.push(text);
  }

  async send(method: string, params: Record<string, unknown> = {}) {
    return await this.#chrome.send(method, params, this.#session);
  }

  async lookAt({ width, height, dark = false }: Look): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.send("Emulation.setDeviceMetricsOverride", size);
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await this.send("Emulation.setEmulatedMedia", { features });
  }

  /** What an expression is in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** All text of what a selector finds first; empty: it finds nothing. */
  async text(selector = "body"): Promise<string> {
    const found = `document.querySelector(${JSON.stringify(selector)})`;
    return await this.evaluate(`${found}?.innerText ?? ""`);
  }

  async count(selector: string): Promise<number> {
    return await this.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
  }

  /** Waits until what a selector finds first says it. */
  async shows(selector: string, words: RegExp, timeoutMs = SHOWN_MS): Promise<string> {
    let text = "";
    const probe = async () => {
      text = await this.text(selector);
      return words.test(text) ? text : undefined;
    };
    try {
      return await until(probe, { what: `${selector} says ${words}`, timeoutMs });
    } catch (error) {
      throw new Error(`${String(error)}; it says: ${text}`);
    }
  }

  /** What was to be drawn is drawn: the picture is as wide as its place. */
  async settled(): Promise<void> {
    const probe = () =>
      this.evaluate<boolean>(`(() => {
        const [place, picture] = [".what", ".topology"].map((one) => document.querySelector(one));
        return place === null || Number(picture.getAttribute("width")) === place.clientWidth;
      })()`);
    await until(probe, { what: "the picture fits its place" });
  }

  async until(what: string, probe: () => boolean): Promise<void> {
    await until(probe, { what });
  }

  async press(key: string, text?: string): Promise<void> {
    const name = { key, code: CODES[key] ?? key, windowsVirtualKeyCode: KEYS[key] ?? 0 };
    const said = text === undefined ? {} : { text };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...name, ...said });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...name });
  }

  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  async screenshot(file: string): Promise<number> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    const bytes = Buffer.from(String(data), "base64");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return bytes.length;
  }

  async close(): Promise<void> {
    await this.#chrome.send("Target.disposeBrowserContext", { browserContextId: this.#context });
  }
}

const KEYS: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ArrowUp: 38,
  ArrowDown: 40,
  "/": 191,
};
const CODES: Readonly<Record<string, string>> = { "/": "Slash" };
