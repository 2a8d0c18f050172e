import type { Attributes, Content, Element as Part } from "../element.ts";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes of what is in `parent` what `after` says, where `before` is what it was made of: only what differs is
 * touched, so that focus, selection, scrolling and what was opened stay.
 */
export function patch(
  parent: Element,
  before: readonly Content[],
  after: readonly Content[],
): void {
  const old = new Map<string, Known>();
  const nodes = [...parent.childNodes];
  identities(before).forEach((id, at) => {
    const [content, node] = [before[at], nodes[at]];
    if (content !== undefined && node !== undefined) old.set(id, { content, node });
  });
  identities(after).forEach((id, at) => {
    const content = after[at];
    if (content === undefined) return;
    const known = old.get(id);
    old.delete(id);
    const node = known === undefined ? create(parent, content) : update(known, content);
    const there = parent.childNodes[at] ?? null;
    if (there !== node) parent.insertBefore(node, there);
  });
  for (const { node } of old.values()) node.remove();
}

interface Known {
  readonly content: Content;
  readonly node: ChildNode;
}

/** By key, or else the how manieth of its kind. */
function identities(contents: readonly Content[]): string[] {
  const seen = new Map<string, number>();
  return contents.map((content) => {
    const kind = typeof content === "string" ? "" : content.tag;
    if (typeof content !== "string" && content.key !== null) return `${kind} ${content.key}`;
    const number = seen.get(kind) ?? 0;
    seen.set(kind, number + 1);
    return `${kind}#${number}`;
  });
}

function create(parent: Element, content: Content): ChildNode {
  if (typeof content === "string") return document.createTextNode(content);
  const isSvg = content.tag === "svg" || parent.namespaceURI === SVG;
  const made = isSvg
    ? document.createElementNS(SVG, content.tag)
    : document.createElement(content.tag);
  setAttributes(made, {}, content.attributes);
  patch(made, [], content.children);
  return made;
}

function update({ content: before, node }: Known, after: Content): ChildNode {
  if (typeof after === "string") {
    if (before !== after) node.textContent = after;
  } else if (node instanceof Element && typeof before !== "string") {
    updateElement(node, before, after);
  }
  return node;
}

function updateElement(node: Element, before: Part, after: Part): void {
  setAttributes(node, before.attributes, after.attributes);
  patch(node, before.children, after.children);
}

function setAttributes(node: Element, before: Attributes, after: Attributes): void {
  for (const [name, value] of Object.entries(after)) {
    if (before[name] === value) continue;
    if (value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const name of Object.keys(before)) if (!(name in after)) node.removeAttribute(name);
}
