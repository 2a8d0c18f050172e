/**
 * The Sentinel cannot start and the operator has to do something; the message says what. Text,
 * not bytes. Ends the process with 1.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
