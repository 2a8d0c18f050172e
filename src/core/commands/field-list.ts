import { bulkBytes, type Reply } from "../../base/reply.ts";

/** Null: the field is not shown. */
export type FieldValue = string | number | bigint | null;

/** Neighbouring fields that seldom change: their bytes are made when they do. */
export class FieldRun {
  readonly #nameBytes: readonly string[];
  #values: readonly FieldValue[] = [];
  pairs = 0;
  bulks = "";

  /** `nameBytes`: each as a bulk string. */
  constructor(nameBytes: readonly string[]) {
    this.#nameBytes = nameBytes;
  }

  /** One value for each name. */
  set(values: readonly FieldValue[]): this {
    if (!isSame(values, this.#values)) this.#encode(values);
    return this;
  }

  /** Joined, and not added up: a thousand texts of forty pieces each keep the collector busy for long. */
  #encode(values: readonly FieldValue[]): void {
    const parts: string[] = [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      if (value === null) continue;
      const text = String(value);
      parts.push(this.#nameBytes[i] ?? "", "$", String(text.length), "\r\n", text, "\r\n");
    }
    this.#values = values;
    this.pairs = parts.length / 6;
    this.bulks = parts.join("");
  }
}

function isSame(a: readonly FieldValue[], b: readonly FieldValue[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** The fields of one instance, collected as bytes. */
export class FieldList {
  #pairs = 0;
  #bulks = "";

  addNumber(nameBytes: string, value: number): void {
    this.#pairs += 1;
    this.#bulks += nameBytes + bulkBytes(`${value}`);
  }

  addRun({ pairs, bulks }: FieldRun): void {
    this.#pairs += pairs;
    this.#bulks += bulks;
  }

  toReply(): Reply {
    return { type: "packedMap", pairs: this.#pairs, bulks: this.#bulks };
  }
}
