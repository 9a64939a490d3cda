import * as z from "zod";

/** Text that PostgreSQL can store: no NUL, no lone surrogate (which would silently turn into U+FFFD). */
export const storableText = z
  .string("must be a string")
  .refine((text) => text.isWellFormed() && !text.includes("\0"), {
    message: "must not contain NUL or unpaired surrogates",
  })
  .meta({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" });

/** The message for a body of another JSON type. */
export const NO_OBJECT = "must be a JSON object";
