import { isIP } from "node:net";

/**
 * The callers that a server which trusts this machine accepts. A web page that a developer visits can send requests
 * here: through a host name of its own that resolves to 127.0.0.1 (DNS rebinding), or by a cross-site form or script.
 * `local` is for servers that browsers use, `programs` for those that browsers do not.
 */
export type Visitors = "anyone" | "local" | "programs";

/** Request headers in lower case, in which a browser says where the request comes from. */
interface Origins {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/** The reason to refuse a request that a page of another site may have sent; undefined when it may pass. */
export function strangerOf(headers: Origins, visitors: Visitors): string | undefined {
  if (visitors === "anyone") return undefined;
  const { host = "", origin, "sec-fetch-site": site } = headers;
  if (!isLocal(`http://${host}`)) {
    return "This server is for this machine: ask it as localhost or by its IP address.";
  }
  const isOwnForm = origin === "null" && site === "same-origin";
  if (origin !== undefined && !isOwnForm && !isLocal(origin)) {
    return "This server is for this machine: it takes no requests from pages of other sites.";
  }
  if (visitors === "programs" && site === "cross-site") {
    return "This server is for programs of this machine: it takes no requests from pages of other sites.";
  }
  return undefined;
}

/**
 * Names that public DNS does not resolve, such as those of a container or of a machine in the local network (RFC 6761,
 * RFC 6762).
 */
const PRIVATE = /^(?:[^.]+|(?:[^.]+\.)*(?:localhost|local|internal|lan|test))$/;

/** Whether the host is an IP address, or a name that an outsider cannot point here. */
function isLocal(url: string): boolean {
  const hostname = URL.parse(url)?.hostname.replace(/^\[|\]$|\.$/g, "") ?? "";
  return isIP(hostname) !== 0 || PRIVATE.test(hostname);
}
