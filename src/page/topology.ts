import { type Card, masterCard, ownCard, peerCard, replicaCard } from "./cards.ts";
import { type Element, h } from "./element.ts";
import { LEVELS } from "./findings.ts";
import { shortened } from "./say.ts";
import type { Master } from "./status.ts";

/** Where it is drawn, in pixels. */
export interface Space {
  readonly width: number;
  /** The size of the text. */
  readonly em: number;
}

/** More on one side is counted, not drawn; those in trouble are drawn. The table has all. */
const MOST_OF_A_SIDE = 12;

/** Widths of text and cards, in em. */
const LETTER = 0.61;
const CARD = { height: 4.3, gap: 0.7, most: 22, pad: 0.9 };
/** What stands above the cards of one kind. */
const CAPTION = 1.7;
/** Between two columns, at most: a longer line is not easier to follow. */
const MOST_GAP = 14;
/** From here on there is room for three columns. */
const WIDE = 52;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Sentinels, master and replicas as a picture; one below the other where it is narrow. */
export function topologyOf(master: Master, runId: string, { width, em }: Space): Element {
  const cards = {
    master: masterCard(master),
    replicas: side(master.replicas.map((one) => replicaCard(one, master))),
    sentinels: side([
      ownCard(master, runId),
      ...master.sentinels.map((one) => peerCard(one, master, runId)),
    ]),
  };
  const room = width / em;
  const { height, parts } = room >= WIDE ? inColumns(cards, room) : asTree(cards, room);
  const size = { width, height: height * em, viewBox: `0 0 ${u(room)} ${u(height)}` };
  const label = `Picture of ${master.name}: the table below says the same.`;
  return h("svg", { ...size, role: "img", "aria-label": label, class: "topology" }, parts);
}

interface Cards {
  readonly master: Card;
  readonly replicas: readonly Card[];
  readonly sentinels: readonly Card[];
}

/** In the order they are known, unless there are too many. */
function side(cards: readonly Card[]): readonly Card[] {
  if (cards.length <= MOST_OF_A_SIDE) return cards;
  const rank = ({ level, isHeir, key }: Card) =>
    key === "self" || isHeir ? -1 : LEVELS.indexOf(level);
  const sorted = cards.toSorted((a, b) => rank(a) - rank(b));
  const shown = sorted.slice(0, MOST_OF_A_SIDE - 1);
  const hidden = sorted.slice(shown.length);
  const isWell = hidden.every(({ level }) => level === "good");
  const more: Card = {
    key: "more",
    level: isWell ? "good" : "warn",
    title: `and ${hidden.length} more`,
    state: isWell ? "all well" : "some are not well",
    note: "the table has them",
    line: "whole",
    isHeir: false,
  };
  return [...shown, more];
}

interface Drawing {
  readonly height: number;
  readonly parts: readonly Element[];
}

function inColumns({ master, replicas, sentinels }: Cards, room: number): Drawing {
  const width = Math.min(CARD.most, (room - 10) / 3);
  const gap = Math.min(MOST_GAP, (room - 3 * width) / 2);
  const row = CARD.height + CARD.gap;
  const rows = Math.max(sentinels.length, replicas.length, 1) * row;
  const middle = CAPTION + rows / 2;
  const column = (cards: readonly Card[], x: number) =>
    cards.map((card, at) => {
      const y = middle + (at - cards.length / 2) * row + CARD.gap / 2;
      return { card, box: { x, y, width } };
    });
  const centre: Box = { x: width + gap, y: middle - CARD.height / 2, width };
  const left = column(sentinels, 0);
  const right = column(replicas, 2 * (width + gap));
  const ends = [
    ...left.map(({ card, box }) => curve(card, box.x + width, midOf(box), centre.x, middle)),
    ...right.map(({ card, box }) => curve(card, centre.x + width, middle, box.x, midOf(box))),
  ];
  const drawn = [...left, ...right].map(({ card, box }) => drawCard(card, box));
  const captions = [
    caption("Sentinels", { x: 0, y: 0, width }),
    caption("Master", { ...centre, y: centre.y - CAPTION }),
    caption("Replicas", { x: 2 * (width + gap), y: 0, width }),
  ];
  const parts = [...captions, ...ends, drawCard(master, centre, "master"), ...drawn];
  return { height: CAPTION + rows, parts };
}

function midOf({ y }: Box): number {
  return y + CARD.height / 2;
}

function curve({ key, line }: Card, x1: number, y1: number, x2: number, y2: number): Element {
  const bend = (x1 + x2) / 2;
  const d = `M${u(x1)} ${u(y1)}C${u(bend)} ${u(y1)} ${u(bend)} ${u(y2)} ${u(x2)} ${u(y2)}`;
  return h("path", { key: `line ${key}`, d, class: `tie ${line}` });
}

/** The master, and below it who belongs to it, each on a branch. */
function asTree({ master, replicas, sentinels }: Cards, room: number): Drawing {
  const indent = 2;
  const row = CARD.height + CARD.gap;
  const trunk = indent / 2;
  const width = room - indent;
  const parts: Element[] = [];
  let y = CARD.height + CARD.gap;
  for (const [name, cards] of [
    ["Replicas", replicas] as const,
    ["Sentinels", sentinels] as const,
  ]) {
    parts.push(caption(name, { x: indent, y, width }));
    y += CAPTION;
    for (const card of cards) {
      const box = { x: indent, y, width };
      const d = `M${u(trunk)} ${u(CARD.height)}V${u(midOf(box))}H${u(indent)}`;
      parts.push(h("path", { key: `line ${card.key}`, d, class: `tie ${card.line}` }));
      parts.push(drawCard(card, box));
      y += row;
    }
  }
  const top = drawCard(master, { x: 0, y: 0, width: room }, "master");
  return { height: y, parts: [...parts, top] };
}

function caption(text: string, { x, y }: Box): Element {
  return h("text", { key: text, x: u(x), y: u(y + 1.1), class: "caption" }, [text]);
}

/** Signs that are seen without colour: a cross, a diamond, a triangle, a dot. */
const SIGNS = {
  bad: "M-.42-.42L.42.42M.42-.42L-.42.42",
  busy: "M0-.5L.5 0 0 .5-.5 0Z",
  warn: "M0-.5L.52.42H-.52Z",
  good: "M-.32 0a.32.32 0 1 0 .64 0a.32.32 0 1 0-.64 0",
} as const;

function drawCard(card: Card, { x, y, width }: Box, kind = "other"): Element {
  const { key, level, title, state, note, isHeir } = card;
  const letters = Math.floor((width - 2 * CARD.pad) / LETTER);
  const line = (text: string, at: number, most: number, name: string) =>
    h("text", { x: u(CARD.pad), y: u(at), class: name }, [shortened(text, most)]);
  const sign = h("path", {
    d: SIGNS[level],
    class: `sign ${level}`,
    transform: `translate(${u(width - 1.1)} ${u(1.1)}) scale(${UNITS_OF_EM})`,
  });
  const frame = { width: u(width), height: u(CARD.height), rx: u(0.4) };
  const names = ["card", kind, level, isHeir ? "heir" : ""].filter((name) => name !== "");
  const at = { transform: `translate(${u(x)} ${u(y)})` };
  return h("g", { key, class: names.join(" "), ...at }, [
    h("title", {}, [[title, state, note].filter((text) => text !== "").join(": ")]),
    h("rect", frame),
    line(title, 1.35, letters - 2, "title"),
    line(state, 2.55, letters, "state"),
    line(note, 3.65, Math.floor(letters / 0.86), "note"),
    sign,
  ]);
}

/** In units of the picture. Its text is 16 of them high, as a browser may refuse to draw small text. */
function u(ems: number): number {
  return Math.round(ems * UNITS_OF_EM);
}

const UNITS_OF_EM = 16;
