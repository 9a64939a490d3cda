/** An error that the operator can correct. The message is the one sentence that a command prints, without a stack trace. */
export class Refusal extends Error {
  override name = "Refusal";
}
