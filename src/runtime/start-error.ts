/**
 * The Sentinel cannot start and the operator has to do something; the message says what. Text,
 * not bytes. Ends the process with 1 [EXIT-STATUS].
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
