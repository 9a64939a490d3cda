import type { IncomingMessage } from "node:http";
import { CONTENT_SECURITY_POLICY } from "@cloud-design/site/headers";
import { pages } from "@cloud-design/site/pages";

const PAGES = pages();

/** The pages that CloudFront would serve beside the API. */
export function site({ method, url = "/" }: IncomingMessage): Response | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const [path = "/"] = url.split("?");
  const html = PAGES.get(path.length > 1 ? path.replace(/\/$/, "") : path);
  if (html === undefined) return undefined;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
    },
  });
}
