import { masterCard, ownCard, peerCard, replicaCard } from "./cards.ts";
import { type Element, h } from "./element.ts";
import type { Finding } from "./findings.ts";
import { ageText, exactText, timeText } from "./say.ts";
import type { Details, Master } from "./status.ts";
import type { Told } from "./story.ts";
import type { Timeline } from "./timeline.ts";

/** The words of a level, for who does not see its colour. */
const WORDS = { bad: "Trouble", busy: "Now", warn: "Warning", good: "Well" } as const;

export function drawFindings(findings: readonly Finding[], title: string): Element | null {
  if (findings.length === 0) return null;
  const rows = findings.map(({ level, what, more }) =>
    h("li", { class: level }, [
      h("span", { class: `badge ${level}` }, [WORDS[level]]),
      h("div", {}, [
        h("p", { class: "fact" }, [what]),
        more === undefined ? null : h("p", { class: "more" }, [more]),
      ]),
    ]),
  );
  return h("section", { key: title, class: "findings", "aria-label": title }, [h("ul", {}, rows)]);
}

/** The cause, and what to do about it. */
export function drawWhy({ verdict, text, todo }: NonNullable<Details["why"]>): Element {
  const steps = todo.map((one) => h("li", {}, [one]));
  return h("section", { key: "why", class: `why ${verdict}`, "aria-label": "What happens next" }, [
    h("p", {}, [`${begun(text)}.`]),
    steps.length === 0 ? null : h("ul", {}, steps),
  ]);
}

/** A sentence begins with a capital, an address or a name stays as it is. */
function begun(text: string): string {
  return text.replace(/^(?:this|it|the|automatic) /, (word) => {
    return `${word[0]?.toUpperCase()}${word.slice(1)}`;
  });
}

/** Each step with its time, and how long after the one before. */
export function drawTimeline({ title, steps, endedAt, notes }: Timeline, now: number): Element {
  let before: number | null = null;
  const rows = steps.map(({ name, at, state }, index) => {
    const since = at !== null && before !== null ? `+${exactText(at - before)}` : "";
    before = at ?? before;
    const current = state === "now" ? { "aria-current": "step" } : {};
    return h("li", { key: `${index}`, class: state, ...current }, [
      h("span", { class: "since" }, [since]),
      h("span", { class: "step" }, [name]),
      at === null ? null : h("time", {}, [timeText(at, now)]),
    ]);
  });
  const first = steps.find(({ at }) => at !== null)?.at ?? null;
  const took = endedAt === null || first === null ? "" : `: ${exactText(endedAt - first)}`;
  const heading = h("h3", {}, [`${title}${took}`]);
  return h("section", { key: "timeline", class: "timeline" }, [
    heading,
    h("ol", {}, rows),
    notes.length === 0 ? null : h("p", { class: "more" }, [notes.join(" ")]),
  ]);
}

/** All that the picture says and what it has no room for. */
export function drawTable(master: Master, runId: string): Element {
  const { replicas, sentinels } = master;
  const servers = [
    { card: masterCard(master), kind: "master", one: master, more: more(master) },
    ...replicas.map((one) => ({
      card: replicaCard(one, master),
      kind: "replica",
      one,
      more: more(one),
    })),
    ...sentinels.map((one) => ({
      card: peerCard(one, master, runId),
      kind: "Sentinel",
      one,
      more: "",
    })),
  ];
  const own = ownCard(master, runId);
  const rows = servers.map(({ card, kind, one, more }) =>
    row(card.key, [kind, card.title, card.state, card.note, ageText(one.answeredMs), more]),
  );
  rows.push(row(own.key, ["Sentinel", own.title, own.state, own.note, "", ""]));
  const head = ["What", "Address", "State", "Note", "Answered", "Version, history"];
  return h("details", { key: "table" }, [
    h("summary", {}, ["As a table"]),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Servers, Sentinels" }, [
      h("table", {}, [h("thead", {}, [h("tr", {}, head.map(headCell))]), h("tbody", {}, rows)]),
    ]),
  ]);
}

function headCell(text: string): Element {
  return h("th", { scope: "col" }, [text]);
}

function row(key: string, texts: readonly string[]): Element {
  return h(
    "tr",
    { key },
    texts.map((text) => h("td", {}, [text])),
  );
}

function more({ version, history }: Pick<Master, "version" | "history">): string {
  return [version ?? "", history?.slice(0, 8) ?? ""].filter((text) => text !== "").join(", ");
}

export function drawEvents(told: readonly Told[], now: number): Element {
  const rows = told.map(({ event: { id, at, name, payload }, text }) =>
    h("li", { key: id, title: `${name} ${payload}` }, [
      h("time", {}, [timeText(at, now)]),
      h("span", { class: "text" }, [text]),
      h("code", {}, [name]),
    ]),
  );
  const none = h("p", { class: "nobody" }, ["No event is known."]);
  return h("section", { key: "events", class: "events", "aria-labelledby": "events" }, [
    h("h3", { id: "events" }, ["Last events"]),
    rows.length === 0 ? none : h("ol", { reversed: true }, rows),
  ]);
}
