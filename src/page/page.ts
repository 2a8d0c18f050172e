import { drawEvents, drawFindings, drawTable, drawTimeline, drawWhy } from "./details.ts";
import { type Content, type Element, h } from "./element.ts";
import { LEVELS, ownFindings } from "./findings.ts";
import { drawFilter, drawList } from "./list.ts";
import { headline, matching, type Summary, summariesOf } from "./masters.ts";
import { ageText, placeText } from "./say.ts";
import type { Details, Master, PageEvent, Sentinel, Status } from "./status.ts";
import { storyOf } from "./story.ts";
import { timelineOf } from "./timeline.ts";
import { type Space, topologyOf } from "./topology.ts";

/** How the page hears of changes. */
export type Link =
  | { readonly kind: "asking" }
  /** Events come as they happen. */
  | { readonly kind: "live" }
  /** No events come; it asks again and again. */
  | { readonly kind: "polling" }
  /** No answer since then. */
  | { readonly kind: "lost"; readonly since: number; readonly why: string }
  | { readonly kind: "locked"; readonly wasRefused: boolean }
  /** No token would help: why. */
  | { readonly kind: "barred"; readonly why: string };

/** All that the page is drawn of. */
export interface Known {
  readonly link: Link;
  readonly status: Status | null;
  /** When `status` was asked for. */
  readonly askedAt: number;
  readonly events: readonly PageEvent[];
  /** Of the master that is shown, or was shown a moment ago. */
  readonly details: Details | null;
  readonly selected: string | null;
  readonly filter: string;
  readonly now: number;
  readonly space: Space;
}

/** How many events are shown. */
const SHOWN_EVENTS = 60;

/** The parts of the page, in the order in which they are read. */
export function drawPage(known: Known): Content[] {
  const { link, status } = known;
  if (link.kind === "locked") return [drawHead(known, []), drawLock(link.wasRefused)];
  if (link.kind === "barred") {
    return [
      drawHead(known, []),
      h("main", { id: "main" }, [h("p", { role: "alert" }, [link.why])]),
    ];
  }
  if (status === null) return [drawHead(known, []), h("main", {}, [drawWaiting(link)])];
  const summaries = summariesOf(status.masters);
  const chosen = chosenOf(summaries, known.selected);
  const master = status.masters.find(({ name }) => name === chosen?.name);
  const many = summaries.length > 1;
  const isOld = link.kind === "lost";
  const classes = [many ? "many" : "one", isOld ? "old" : ""].filter((name) => name !== "");
  return [
    drawHead(known, summaries),
    h("main", { id: "main", class: classes.join(" ") }, [
      many ? drawMasters(known, summaries, chosen) : null,
      master === undefined || chosen === undefined ? null : drawMaster(known, master, chosen),
    ]),
    drawFoot(status.sentinel),
  ];
}

/** Who was chosen, or else the worst. */
function chosenOf(summaries: readonly Summary[], name: string | null): Summary | undefined {
  return summaries.find((one) => one.name === name) ?? summaries[0];
}

/** The name of the master that is shown. */
export function shownMaster({ status, selected }: Known): string | null {
  return chosenOf(summariesOf(status?.masters ?? []), selected)?.name ?? null;
}

/** What the window is called: the trouble comes first, where a tab shows it. */
export function titleOf({ link, status }: Known): string {
  if (link.kind === "locked" || link.kind === "barred" || status === null) return "Sentinel";
  if (link.kind === "lost") return "(no answer) Sentinel";
  const summaries = summariesOf(status.masters);
  const bad = summaries.filter(({ level }) => level === "bad" || level === "busy").length;
  const own = ownFindings(status.sentinel).some(({ level }) => level === "bad") ? 1 : 0;
  return bad + own > 0 ? `(${bad + own}) ${headline(summaries).text}` : "Sentinel: all is well";
}

function drawHead(known: Known, summaries: readonly Summary[]): Element {
  const { link, status } = known;
  const own = status === null ? [] : ownFindings(status.sentinel);
  const all = headline(summaries);
  const isShown = status !== null && link.kind !== "locked" && link.kind !== "barred";
  const worst = LEVELS.find((one) => one === all.level || own.some((each) => each.level === one));
  const level = link.kind === "lost" ? "bad" : isShown ? (worst ?? "good") : "none";
  const title = isShown ? all.text : "Redis Sentinel";
  const [only] = summaries;
  return h("header", { class: level }, [
    h("a", { class: "skip", href: "#main" }, ["Skip to the masters"]),
    h("div", { class: "bar" }, [
      h("h1", { "aria-live": "polite" }, [
        link.kind === "lost" ? "This Sentinel does not answer." : title,
      ]),
      summaries.length === 1 && only !== undefined ? drawPlace(only, link) : null,
      drawLink(known),
    ]),
    link.kind === "lost" ? drawLost(link, known, isShown ? title : "") : null,
    drawFindings(own, "Of this Sentinel"),
  ]);
}

function drawLink({ link }: Known): Element {
  const [mark, text] = LINKS[link.kind];
  return h("p", { class: `link ${link.kind}`, role: "status" }, [
    h("span", { class: "mark", "aria-hidden": "true" }, [mark]),
    text,
  ]);
}

const LINKS: Readonly<Record<Link["kind"], readonly [mark: string, text: string]>> = {
  asking: ["…", "Asking the Sentinel"],
  live: ["●", "Live"],
  polling: ["◌", "No events come: it is asked every 2 s"],
  lost: ["✕", "No answer"],
  locked: ["■", "A token is needed"],
  barred: ["■", "Refused"],
};

function drawLost(
  { why }: Extract<Link, { kind: "lost" }>,
  { askedAt, now }: Known,
  title: string,
): Element {
  const old = `What you see is ${ageText(now - askedAt)} old: ${title}`;
  return h("p", { class: "lost" }, [
    title === "" ? null : h("strong", {}, [old]),
    ` ${why} It is asked again every 2 s.`,
  ]);
}

function drawPlace({ place }: Summary, { kind }: Link): Element {
  const words = kind === "lost" ? "Clients went to " : "Clients go to ";
  return h("p", { class: "place" }, [words, h("code", {}, [place])]);
}

function drawWaiting(link: Link): Element {
  const text = link.kind === "lost" ? "Nothing is known yet." : "Asking the Sentinel…";
  return h("p", { class: "waiting" }, [text]);
}

function drawLock(wasRefused: boolean): Element {
  const about = "The token is in the file that --http-token-file names. It stays in this tab only.";
  const refusal = wasRefused ? "That token was refused." : "";
  return h("main", { id: "main", class: "lock" }, [
    h("form", { id: "lock" }, [
      h("label", { for: "token" }, ["Token"]),
      h("input", {
        id: "token",
        type: "password",
        autocomplete: "off",
        required: true,
        "aria-describedby": "about refusal",
      }),
      h("button", { type: "submit" }, ["Show"]),
      h("p", { id: "refusal", role: "alert" }, [refusal]),
      h("p", { id: "about" }, [about]),
    ]),
  ]);
}

function drawMasters(known: Known, summaries: readonly Summary[], chosen?: Summary): Element {
  const shown = matching(summaries, known.filter);
  return h("nav", { "aria-label": "Masters" }, [
    drawFilter(shown.length, summaries.length),
    drawList(shown, chosen?.name ?? null),
  ]);
}

function drawMaster(known: Known, master: Master, summary: Summary): Element {
  const { status, events, details, space, now } = known;
  const { name, level, word, findings } = summary;
  const own = details?.name === name ? details : null;
  const timeline = timelineOf(events, master, own?.last ?? null);
  const told = status === null ? [] : storyOf(events, master, status.sentinel, SHOWN_EVENTS);
  const runId = status?.sentinel.runId ?? "";
  const isRunning = timeline !== null && timeline.endedAt === null;
  // The head says it of the only one.
  const isOnly = status?.masters.length === 1;
  return h("article", { key: name, "aria-label": name }, [
    isOnly
      ? null
      : h("div", { class: "bar" }, [
          h("h2", { id: "name", tabindex: -1 }, [
            h("span", { class: `badge ${level}` }, [word]),
            h("span", { class: "name" }, [name]),
          ]),
          drawPlace(summary, known.link),
        ]),
    h("div", { class: "body" }, [
      h("div", { class: "what" }, [
        drawFindings(findings, "What is wrong"),
        own?.why == null ? null : drawWhy(own.why),
        isRunning ? drawTimeline(timeline, now) : null,
        topologyOf(master, runId, space),
        timeline === null || isRunning ? null : drawTimeline(timeline, now),
        drawTable(master, runId),
      ]),
      drawEvents(told, now),
    ]),
  ]);
}

function drawFoot({ runId, versions, currentEpoch, settings }: Sentinel): Element {
  const { announceIp, announcePort } = settings;
  const at =
    announceIp === null ? "" : ` at ${placeText({ host: announceIp, port: announcePort })}`;
  const who = `Sentinel ${runId.slice(0, 8)}${at}, redis-sentinel-ts ${versions.own}, epoch ${currentEpoch}.`;
  return h("footer", {}, [
    h("p", {}, [who]),
    h("p", {}, ["Nothing can be changed here. What to do: README, “My master is down”."]),
  ]);
}
