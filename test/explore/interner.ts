/** Gives equal things one number, the first 0. */
export class Interner<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  get count(): number {
    return this.#values.length;
  }

  id(key: string, make: () => T): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(key, id);
    this.#values.push(make());
    return id;
  }

  value(id: number): T {
    const value = this.#values[id];
    if (value === undefined) throw new Error(`nothing has the number ${id}`);
    return value;
  }
}

/** A text that is equal for equal plain data. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}n` : one));
}

/** What was made of two whole numbers, made once. */
export class Table<T> {
  readonly #rows: Map<number, T>[] = [];

  get(row: number, column: number): T | undefined {
    return this.#rows[row]?.get(column);
  }

  set(row: number, column: number, value: T): T {
    const cells = this.#rows[row] ?? new Map<number, T>();
    // One that is far ahead would leave a hole.
    for (let at = this.#rows.length; at < row; at++) this.#rows.push(new Map());
    this.#rows[row] = cells;
    cells.set(column, value);
    return value;
  }
}
