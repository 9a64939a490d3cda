import { isIP } from "node:net";

/**
 * Who may call a server that trusts this machine. A web page that a developer visits can send requests here: by an address of the page's own
 * name that leads to 127.0.0.1 (DNS rebinding), or by a form or a script across sites. `local` is for servers that browsers use, `programs`
 * for those that no browser needs.
 */
export type Visitors = "anyone" | "local" | "programs";

/** Of a request, in lower case: what a browser says of where it comes from. */
interface Origins {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/** Why a request is refused that a web page of another site may have sent; undefined when it may pass. */
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

/** Names that no public name server knows, such as that of a container or of a machine in one's own network (RFC 6761, RFC 6762). */
const PRIVATE = /^(?:[^.]+|(?:[^.]+\.)*(?:localhost|local|internal|lan|test))$/;

/** Names that no stranger can point here, and addresses. */
function isLocal(url: string): boolean {
  const hostname = URL.parse(url)?.hostname.replace(/^\[|\]$|\.$/g, "") ?? "";
  return isIP(hostname) !== 0 || PRIVATE.test(hostname);
}
