import * as z from "zod";

/** The failures of the store, independent of transport. Each transport maps every code in one table. */
export type DomainErrorCode =
  /** The request can never be accepted. */
  | "invalid"
  /** The resource does not exist, or it belongs to another caller. */
  | "not-found"
  /** The idempotency key was used before with another request. */
  | "key-reused"
  /** A dependency does not answer now. A retry may succeed. */
  | "unavailable"
  /** Too much work waits here, and this was not begun. A retry at once would only add to it. */
  | "busy";

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
