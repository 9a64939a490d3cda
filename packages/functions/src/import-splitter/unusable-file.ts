import type { FailureReason } from "@cloud-design/core/inventory/import";

/** Nothing of the file can be imported. */
export class UnusableFileError extends Error {
  override name = "UnusableFileError";
  readonly reason: FailureReason;

  constructor(reason: FailureReason) {
    super(`The file cannot be imported: ${reason}`);
    this.reason = reason;
  }
}
