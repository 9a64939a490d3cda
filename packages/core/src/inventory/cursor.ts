import { createHash } from "node:crypto";
import * as z from "zod";

/** The place of a movie in a list: its id in the newest first; how often it was ordered, and its id, in the most popular first. */
export type Place = readonly number[];

/** The cursor of the page after the movie at this place. */
export function cursorAfter(place: Place): string {
  return Buffer.from(`${place.join(",")}.${checksum(place)}`).toString("base64url");
}

/**
 * An opaque cursor, parsed to the place after which it continues. The checksum makes an altered cursor an error instead
 * of a wrong page.
 */
export const Cursor = z.string().transform((cursor, context): Place => {
  const [, digits = ""] =
    /^((?:\d{1,10},)?\d{1,16})\.[\w-]{8}$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const place = digits.split(",").map(Number);
  if (digits === "" || cursor !== cursorAfter(place)) {
    context.addIssue({
      code: "custom",
      message: "is not a cursor of this API; take it from the Link header",
    });
    return z.NEVER;
  }
  return place;
});

function checksum(place: Place): string {
  return createHash("sha256")
    .update(`movies before ${place.join(",")}`)
    .digest("base64url")
    .slice(0, 8);
}
