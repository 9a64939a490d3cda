import { storableText } from "./text.ts";

/**
 * The value of an `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header-07), quoted or bare: `"abc"` and `abc`
 * are the same key. 1 to 255 visible ASCII characters.
 */
export const IdempotencyKey = storableText
  .transform((value) => value.trim())
  .transform((value) => (/^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value))
  .refine((key) => /^[\x20-\x7e]{1,255}$/.test(key), {
    message: "must be 1 to 255 visible ASCII characters",
  })
  // Two more characters where it comes in quotes.
  .meta({ pattern: "^[ -~]+$", maxLength: 257 });
