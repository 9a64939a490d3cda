import { storableText } from "./text.ts";

/**
 * Bare, with a blank at neither end, no quote at the beginning and no comma; or quoted as a string of RFC 9651, section 3.3.3. HTTP joins
 * two headers of one name by a comma (RFC 9110, section 5.3): read as one key, a key that was sent twice would be another key.
 */
const BARE = "[!#-+\\--~](?:[ -+\\--~]{0,253}[!-+\\--~])?";
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\["\\\\]){1,255}"';
const PATTERN = `^(?:${BARE}|${QUOTED})$`;

/**
 * The value of an `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header-07), quoted or bare: `"abc"` and `abc`
 * are the same key. 1 to 255 printable ASCII characters.
 */
export const IdempotencyKey = storableText
  .transform((value) => value.trim())
  .refine((value) => new RegExp(PATTERN).test(value), {
    message: "must be one key of 1 to 255 printable ASCII characters; one with a comma goes in quotes",
  })
  .transform((value) => (value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value))
  .meta({ pattern: PATTERN });
