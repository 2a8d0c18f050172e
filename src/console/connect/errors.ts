/** It answered with an error; the message is its own, such as `NOAUTH Authentication required.` */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** It could not be asked, or did not answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}
