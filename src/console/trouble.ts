/** The command cannot go on; the message tells the operator why, without a secret. */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly status: number;

  constructor(message: string, status = 3) {
    super(message);
    this.status = status;
  }
}
