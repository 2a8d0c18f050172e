import { type Element, h } from "./element.ts";
import type { Summary } from "./masters.ts";

/** The masters, trouble first, each a link: the address of the page then says which one is shown. */
export function drawList(shown: readonly Summary[], chosen: string | null): Element {
  if (shown.length === 0) return h("p", { class: "nobody" }, ["No master matches."]);
  const rows = shown.map(({ name, level, word, place, line }) => {
    const isChosen = name === chosen;
    const link = { href: hrefOf(name), "aria-current": isChosen ? "true" : null };
    return h("li", { key: name, class: level }, [
      h("a", link, [
        h("span", { class: `badge ${level}` }, [word]),
        h("span", { class: "name" }, [name]),
        h("code", {}, [place]),
        h("span", { class: "hint" }, [line]),
      ]),
    ]);
  });
  return h("ul", { class: "masters" }, rows);
}

export function drawFilter(shown: number, all: number): Element {
  const found = shown === all ? `${all} masters, trouble first` : `${shown} of ${all} masters`;
  return h("div", { class: "filter" }, [
    h("label", { for: "filter" }, ["Filter"]),
    h("input", { id: "filter", type: "search", autocomplete: "off", spellcheck: "false" }),
    h("p", { role: "status" }, [found]),
  ]);
}

const PREFIX = "#master=";

function hrefOf(name: string): string {
  return PREFIX + encodeURIComponent(name);
}

/** The master that an address names; null: none. */
export function nameIn(hash: string): string | null {
  if (!hash.startsWith(PREFIX)) return null;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    // Typed by hand.
    return null;
  }
}
