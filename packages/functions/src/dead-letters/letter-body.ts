import { isUtf8 } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import type { Letter } from "./protocol.ts";

/** An answer of Lambda may have 6 MB, and a dead letter may have 16. */
const SHOWN_BYTES_MAX = 256 * 1_024;

/** The body that an operator sees: the beginning of a long one. */
export function letterBody(content: Buffer): Pick<Letter, "body" | "bodyBytes" | "bodyEncoding"> {
  const bodyEncoding = isUtf8(content) ? "utf8" : "base64";
  const shown = content.subarray(0, SHOWN_BYTES_MAX);
  // The decoder drops a character that was cut in two.
  const body = bodyEncoding === "utf8" ? new StringDecoder().write(shown) : shown.toString("base64");
  return { body, bodyBytes: content.byteLength, bodyEncoding };
}
