import { PAGE_FILES } from "./page-files.js";

/** A file of the page. It says nothing of this Sentinel, so everybody may have it. */
interface Asset {
  readonly type: string;
  readonly body: string;
}

const { html, css, script, icon } = PAGE_FILES;

/** By path. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/", { type: "text/html; charset=utf-8", body: html }],
  ["/page.css", { type: "text/css; charset=utf-8", body: css }],
  ["/page.js", { type: "text/javascript; charset=utf-8", body: script }],
  ["/icon.svg", { type: "image/svg+xml", body: icon }],
]);
