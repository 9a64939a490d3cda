import { createHash } from "node:crypto";
import * as z from "zod";

/** The cursor of the page after the movie with this id: movies with lower ids. */
export function cursorAfter(id: number): string {
  return Buffer.from(`${id}.${checksum(id)}`).toString("base64url");
}

/**
 * An opaque cursor, parsed to the id after which it continues. The checksum makes an altered cursor an error instead of
 * a wrong page.
 */
export const Cursor = z.string().transform((cursor, context) => {
  const [, digits] = /^(\d{1,16})\.[\w-]{8}$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const id = Number(digits);
  if (digits === undefined || cursor !== cursorAfter(id)) {
    context.addIssue({
      code: "custom",
      message: "is not a cursor of this API; take it from the Link header",
    });
    return z.NEVER;
  }
  return id;
});

function checksum(id: number): string {
  return createHash("sha256").update(`movies before ${id}`).digest("base64url").slice(0, 8);
}
