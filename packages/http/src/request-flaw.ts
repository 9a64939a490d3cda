import type { IncomingMessage } from "node:http";
import type { ProblemCode } from "./problem.ts";

/** A host name or an IP address, with an optional port (RFC 9110, section 7.2). */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i;
/**
 * A path, or an absolute URL as a proxy's client sends it (RFC 9112, section 3.2), without a fragment, which a request
 * never has.
 */
const TARGET = /^(?:https?:\/\/[^/?#\\]+)?\/[^?#\\]*(?:\?[^#]*)?$/;
/** A segment with which a URL parser would arrive at another path than the requested one. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=[/?]|$)/i;

export interface Flaw {
  code: ProblemCode;
  detail: string;
}

/** The reason to refuse a request that Node can parse: two programs might read it in two ways. */
export function flawOf(request: IncomingMessage): Flaw | undefined {
  const { url = "", headersDistinct, httpVersionMajor } = request;
  const invalid = (detail: string): Flaw => ({ code: "invalid-request", detail });
  if (httpVersionMajor !== 1) return invalid("This is not well-formed HTTP/1.1.");
  const [host = "", ...others] = headersDistinct.host ?? [];
  if (others.length > 0 || !HOST.test(host) || !URL.canParse(`http://${host}`)) {
    return invalid("The Host header is missing, repeated or malformed.");
  }
  const codings = headersDistinct["transfer-encoding"] ?? ["chunked"];
  if (codings.join().toLowerCase() !== "chunked")
    return invalid("Only the transfer coding chunked is supported.");
  if (!TARGET.test(url)) return invalid("The target of the request is not a path.");
  const [path = ""] = url.split("?");
  return DOT_SEGMENT.test(path) ? { code: "not-found", detail: "There is nothing at this path." } : undefined;
}
