import * as z from "zod";

/** What can go wrong in the store, whatever carries it. Each transport maps every code in one table. */
export type DomainErrorCode =
  /** The caller sent something that can never be accepted. */
  | "invalid"
  /** There is no such thing, or it is not the caller's. */
  | "not-found"
  /** An idempotency key came back with another request. */
  | "key-reused"
  /** Not now: a dependency does not answer. Trying again may help. */
  | "unavailable";

export const FieldError = z.object({
  field: z.string().meta({
    description:
      "A JSON Pointer (RFC 6901) to the field, empty for the whole body; a query parameter or header by its name.",
  }),
  detail: z.string(),
});
export type FieldError = z.output<typeof FieldError>;

export class DomainError extends Error {
  override name = "DomainError";
  readonly code: DomainErrorCode;
  readonly errors: readonly FieldError[];

  constructor(
    code: DomainErrorCode,
    message: string,
    options: { errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
  }
}
