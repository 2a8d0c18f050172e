/** A part of the page, as a plain value: what is drawn is a pure function of what is known. */
export type Content = Element | string;

export interface Element {
  readonly tag: string;
  /** Of the same parent: what it is about, so that it stays the same when others come and go. */
  readonly key: string | null;
  readonly attributes: Attributes;
  readonly children: readonly Content[];
}

/** False and null: the attribute is absent. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Texts are only ever put into the page as texts, so a name of somebody else is never markup. */
export function h(
  tag: string,
  { key = null, ...attributes }: Attributes = {},
  children: readonly (Content | null)[] = [],
): Element {
  const given = children.filter((one) => one !== null && one !== "");
  return { tag, key: key === null ? null : String(key), attributes, children: given as Content[] };
}

/** All text of a part, as it is read. */
export function textOf(content: Content): string {
  if (typeof content === "string") return content;
  return content.children.map(textOf).join(" ");
}
