/** A mistake of the person who deploys. The message is the one sentence that they read, without a stack trace. */
export class Refusal extends Error {
  override name = "Refusal";
}
