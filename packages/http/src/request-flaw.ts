import type { IncomingMessage } from "node:http";
import type { ProblemCode } from "./problem.ts";

/** A name or an address, and perhaps a port (RFC 9110, section 7.2). */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i;
/** A path, or the whole address that a proxy's client sends (RFC 9112, section 3.2), without what no request carries: a fragment. */
const TARGET = /^(?:https?:\/\/[^/?#\\]+)?\/[^?#\\]*(?:\?[^#]*)?$/;
/** What a URL parser would follow to another path than the one that was asked for. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=[/?]|$)/i;

export interface Flaw {
  code: ProblemCode;
  detail: string;
}

/** Why a request that Node can read is refused all the same: two programs might read it in two ways. */
export function flawOf(request: IncomingMessage): Flaw | undefined {
  const { url = "", headersDistinct, httpVersionMajor } = request;
  const invalid = (detail: string): Flaw => ({ code: "invalid-request", detail });
  if (httpVersionMajor !== 1) return invalid("This is not well-formed HTTP/1.1.");
  const [host = "", ...others] = headersDistinct.host ?? [];
  if (others.length > 0 || !HOST.test(host) || !URL.canParse(`http://${host}`)) {
    return invalid("The Host header is missing, twice there, or no host.");
  }
  const codings = headersDistinct["transfer-encoding"] ?? ["chunked"];
  if (codings.join().toLowerCase() !== "chunked") return invalid("No transfer coding but chunked is known.");
  if (!TARGET.test(url)) return invalid("The target of the request is no path.");
  const [path = ""] = url.split("?");
  return DOT_SEGMENT.test(path) ? { code: "not-found", detail: "There is nothing at this path." } : undefined;
}
