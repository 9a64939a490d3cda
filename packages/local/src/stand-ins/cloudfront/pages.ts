import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { CACHE_CONTROL, PAGE_HEADERS } from "@cloud-design/site/headers";
import { pagesIn } from "@cloud-design/site/site-directory";
import { type MovedPorts, ownPage } from "./own-page.ts";

/** Sends the pages of the site in the form of this laptop. Returns false for every other path. */
export function servePages(directory: string, movedPorts: MovedPorts) {
  const paths = new Set(pagesIn(directory));
  return (path: string, request: IncomingMessage, response: ServerResponse): boolean => {
    const page = path.replace(/(?<=.)\/$/, "");
    if (!paths.has(page)) return false;
    const html = ownPage(readFileSync(join(directory, page, "index.html"), "utf8"), movedPorts);
    const etag = `"${createHash("sha256").update(html).digest("base64url").slice(0, 22)}"`;
    const headers = { ...PAGE_HEADERS, "cache-control": CACHE_CONTROL.page, etag };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers).end();
      return true;
    }
    const body = Buffer.from(html);
    response.writeHead(200, {
      ...headers,
      "content-type": "text/html;charset=utf-8",
      "content-length": body.length,
    });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}
