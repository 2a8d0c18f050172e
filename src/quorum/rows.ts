import type { Answer } from "./answer.ts";

/** An instance as MASTERS, REPLICAS and SENTINELS tell it. What is missing or no number reads as none. */
export class Row {
  readonly #fields: ReadonlyMap<string, string>;

  constructor(fields: ReadonlyMap<string, string>) {
    this.#fields = fields;
  }

  text(name: string): string {
    return this.#fields.get(name) ?? "";
  }

  number(name: string): number | null {
    const text = this.text(name);
    return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
  }

  big(name: string): bigint {
    const text = this.text(name);
    return /^-?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
  }
}

/** Names and values in turns. */
export function rowOf(answer: Answer): Row {
  const fields = new Map<string, string>();
  if (isList(answer)) {
    for (let at = 0; at + 1 < answer.length; at += 2) {
      const [name, value] = [answer[at], answer[at + 1]];
      if (typeof name === "string" && !isList(value ?? null)) fields.set(name, `${value ?? ""}`);
    }
  }
  return new Row(fields);
}

export function rowsOf(answer: Answer): Row[] {
  return isList(answer) ? answer.map(rowOf) : [];
}

export function isList(answer: Answer | undefined): answer is readonly Answer[] {
  return Array.isArray(answer);
}

/** All `name:value` lines of an INFO. */
export function infoFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
