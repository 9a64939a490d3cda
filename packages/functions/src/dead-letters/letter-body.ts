import { isUtf8 } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import type { Letter } from "./protocol.ts";

/** An answer of Lambda ends at 6 MB, and a dead letter may have 16. */
const SHOWN_BYTES_MAX = 256 * 1_024;

/** What an operator is shown of a body: of a long one its beginning. */
export function letterBody(content: Buffer): Pick<Letter, "body" | "bodyBytes" | "bodyEncoding"> {
  const bodyEncoding = isUtf8(content) ? "utf8" : "base64";
  const shown = content.subarray(0, SHOWN_BYTES_MAX);
  // A decoder leaves out the character that was cut in two.
  const body = bodyEncoding === "utf8" ? new StringDecoder().write(shown) : shown.toString("base64");
  return { body, bodyBytes: content.byteLength, bodyEncoding };
}
