import { storableText } from "./text.ts";

/** Bare, with a blank at neither end and no quote at the beginning; or quoted as a string of RFC 9651, section 3.3.3. */
const BARE = "[!#-~](?:[ -~]{0,253}[!-~])?";
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\["\\\\]){1,255}"';
const PATTERN = `^(?:${BARE}|${QUOTED})$`;

/**
 * The value of an `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header-07), quoted or bare: `"abc"` and `abc`
 * are the same key. 1 to 255 printable ASCII characters.
 */
export const IdempotencyKey = storableText
  .transform((value) => value.trim())
  .refine((value) => new RegExp(PATTERN).test(value), {
    message: "must be 1 to 255 printable ASCII characters, bare or in quotes",
  })
  .transform((value) => (value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value))
  .meta({ pattern: PATTERN });
