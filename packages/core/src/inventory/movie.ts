import * as z from "zod";
import { NO_OBJECT, storableText } from "../text.ts";

/** Largest movie that is accepted, in bytes of its JSON. */
export const MOVIE_BYTES_MAX = 256 * 1024;

const TITLE_MAX = 500;

/** A title, or a part of one. */
export const titleText = storableText.max(TITLE_MAX, `must have at most ${TITLE_MAX} characters`);

export const MovieBody = z.strictObject(
  {
    title: titleText
      .refine((title) => title.trim() !== "", { message: "must not be blank" })
      .meta({
        description: "Not blank, without NUL.",
        pattern: "^[^\\u0000\\ud800-\\udfff]*[^\\s\\u0000\\ud800-\\udfff][^\\u0000\\ud800-\\udfff]*$",
      }),
    description: storableText.meta({ description: "May be empty." }),
  },
  NO_OBJECT,
);
export type MovieBody = z.output<typeof MovieBody>;

/** An id in a path. 2^53 - 1 is the largest integer that a JSON number represents exactly. */
export const MovieId = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .transform(Number)
  .refine(Number.isSafeInteger)
  // A path spells the number in digits.
  .meta({ type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER, pattern: undefined });

export const Movie = z.object({ id: z.int().min(1), title: z.string(), description: z.string() });
export type Movie = z.output<typeof Movie>;
