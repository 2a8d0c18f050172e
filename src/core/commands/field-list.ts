import { bulkBytes, type Reply } from "../reply.ts";

/** Null: the field is not shown. */
export type FieldValue = string | number | bigint | null;

/** Neighbouring fields that seldom change: their bytes are made when they do. */
export class FieldRun {
  readonly #names: readonly string[];
  #values: readonly FieldValue[] = [];
  pairs = 0;
  bulks = "";

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** One value for each name. */
  set(values: readonly FieldValue[]): this {
    if (!isSame(values, this.#values)) this.#encode(values);
    return this;
  }

  #encode(values: readonly FieldValue[]): void {
    this.#values = values;
    this.pairs = 0;
    this.bulks = "";
    for (const [i, value] of values.entries()) {
      if (value === null) continue;
      this.pairs += 1;
      this.bulks += bulkBytes(this.#names[i] ?? "") + bulkBytes(`${value}`);
    }
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
