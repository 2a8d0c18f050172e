/** The command cannot go on; the message tells the operator why, without a secret. */
export class Trouble extends Error {
  override readonly name = "Trouble";
  /** Null: that of the command's kind, for one that has done nothing yet. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }
}
