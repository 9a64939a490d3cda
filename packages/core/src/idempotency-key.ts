import { storableText } from "./text.ts";

/**
 * A bare key has no space at either end, no quote at the beginning and no comma; a quoted one is a string of RFC 9651,
 * section 3.3.3. HTTP joins two headers of the same name with a comma (RFC 9110, section 5.3), so a bare key with a
 * comma could be a key that was sent twice.
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
