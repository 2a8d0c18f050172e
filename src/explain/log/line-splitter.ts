/** Longer lines are no Sentinel's; their bytes are not kept. */
const LONGEST_LINE = 65_536;

/** Cuts a stream of byte strings into lines, however long they are and wherever it was cut. */
export class LineSplitter {
  readonly #take: (line: string) => void;
  #rest = "";
  /** Inside of a line that is too long. */
  #isSkipping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      this.#line(chunk.slice(from, end));
      from = end + 1;
    }
    this.#keep(chunk.slice(from));
  }

  /** What is left has no end: the line is being written, or was cut. It may be whole all the same. */
  end(): void {
    if (this.#rest !== "") this.#line("");
    this.#isSkipping = false;
  }

  #line(piece: string): void {
    const line = this.#rest + piece;
    if (!this.#isSkipping && line.length <= LONGEST_LINE) this.#take(line);
    else this.#take("");
    this.#rest = "";
    this.#isSkipping = false;
  }

  #keep(piece: string): void {
    this.#isSkipping ||= this.#rest.length + piece.length > LONGEST_LINE;
    this.#rest = this.#isSkipping ? "" : this.#rest + piece;
  }
}
