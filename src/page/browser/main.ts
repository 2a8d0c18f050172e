import type { Content } from "../element.ts";
import { nameIn } from "../list.ts";
import { drawPage, type Known, shownMaster, titleOf } from "../page.ts";
import { Feed } from "./feed.ts";
import { patch } from "./patch.ts";

/** While the page shows something old, it says how old. */
const TICK_MS = 1_000;
const EVERY_FRAME_IS_TOO_MUCH_MS = 100;

const body = document.body;
const feed = new Feed(redraw);
let drawn: readonly Content[] = [];
let filter = "";
let width = 0;
let isDue = false;

body.replaceChildren();
feed.start();
redraw();
setInterval(() => feed.link.kind === "lost" && redraw(), TICK_MS);
addEventListener("hashchange", choose);
addEventListener("keydown", onKey);
document.addEventListener("input", onInput);
document.addEventListener("submit", onSubmit);
document.addEventListener("visibilitychange", () => feed.attend());
new ResizeObserver(redraw).observe(body);

function redraw(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(draw, EVERY_FRAME_IS_TOO_MUCH_MS);
}

function draw(): void {
  isDue = false;
  const focused = document.activeElement;
  const known = knownNow();
  const after = drawPage(known);
  patch(body, drawn, after);
  drawn = after;
  document.title = titleOf(known);
  feed.look(shownMaster(known));
  // Who is moved loses the focus.
  if (focused instanceof HTMLElement && focused.isConnected && focused !== body) {
    if (document.activeElement !== focused) focused.focus({ preventScroll: true });
  }
  const there = document.querySelector(".what")?.clientWidth ?? width;
  if (there === width) return;
  width = there;
  draw();
}

function knownNow(): Known {
  const { link, status, askedAt, events, details } = feed;
  const em = Number.parseFloat(getComputedStyle(body).fontSize);
  const selected = nameIn(location.hash);
  const space = { width: width || innerWidth, em };
  return { link, status, askedAt, events, details, selected, filter, now: Date.now(), space };
}

function choose(): void {
  draw();
  if (nameIn(location.hash) === null) return;
  const heading = document.getElementById("name");
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: "nearest" });
}

function onInput({ target }: Event): void {
  if (!(target instanceof HTMLInputElement) || target.id !== "filter") return;
  filter = target.value;
  draw();
}

function onSubmit(event: SubmitEvent): void {
  event.preventDefault();
  const field = document.getElementById("token");
  if (field instanceof HTMLInputElement) feed.unlock(field.value);
}

/** `/` goes to the filter, Escape empties it, the arrows go through the list. */
function onKey(event: KeyboardEvent): void {
  const field = document.getElementById("filter");
  if (!(field instanceof HTMLInputElement) || event.ctrlKey || event.metaKey || event.altKey)
    return;
  const { key, target } = event;
  if (key === "/" && !(target instanceof HTMLInputElement)) field.focus();
  else if (key === "Escape" && target === field) {
    field.value = "";
    filter = "";
    draw();
  } else if (
    (key === "ArrowDown" || key === "ArrowUp") &&
    !moveFocus(key === "ArrowDown" ? 1 : -1)
  ) {
    return;
  } else if (key !== "ArrowDown" && key !== "ArrowUp") return;
  event.preventDefault();
}

/** Whether the focus was in the list or in its filter. */
function moveFocus(by: 1 | -1): boolean {
  const links: Element[] = [...document.querySelectorAll("#filter, .masters a")];
  const at = document.activeElement === null ? -1 : links.indexOf(document.activeElement);
  if (at === -1) return false;
  const next = links[at + by];
  if (next instanceof HTMLElement) next.focus();
  return true;
}
