import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { problem } from "@cloud-design/http";
import { CACHE_CONTROL, PAGE_HEADERS } from "@cloud-design/site/headers";
import { send } from "../api-gateway/respond.ts";

/** The telemetry part asks both queues first, and waits for each at most one second. */
const ANSWER_SECONDS = 2;
const TELEMETRY_AWAY = "The traces cannot be read (npm run ops -- restart telemetry brings them back).";

/** Served under the names of their sources, so that their imports lead to each other; the content type makes them JavaScript. */
const SCRIPTS = ["live.ts", "drawing.ts", "entries.ts", "figures.ts", "hops.ts", "layout.ts", "words.ts"];
const PAGE = dirname(fileURLToPath(import.meta.resolve("@cloud-design/traces/page/page.html")));
const own = (name: string) => join(PAGE, name);

/** All files of the page by their path: a short list, so no other file can be reached. */
const FILES: Readonly<Record<string, { type: string; file: string; isScript?: boolean }>> = {
  "/live": { type: "text/html; charset=utf-8", file: own("page.html") },
  "/live/live.css": { type: "text/css; charset=utf-8", file: own("live.css") },
  "/live/colours.css": {
    type: "text/css; charset=utf-8",
    file: fileURLToPath(import.meta.resolve("@cloud-design/status/colours.css")),
  },
  ...Object.fromEntries(
    SCRIPTS.map((name) => [
      `/live/${name}`,
      { type: "text/javascript; charset=utf-8", file: own(name), isScript: true },
    ]),
  ),
};

/** The path at the telemetry part for a request of the page; undefined for a file of the page. */
function questionOf(url: URL): string | undefined {
  if (url.pathname === "/live/data.json") return "/live";
  if (!url.pathname.startsWith("/live/traces")) return undefined;
  return url.pathname.slice("/live".length) + url.search;
}

/** Serves the live view, which only the laptop has. Returns false for every other path. */
export function serveLive(
  request: IncomingMessage,
  response: ServerResponse,
  { telemetryUrl, siteUrl }: { telemetryUrl: string; siteUrl: string },
): boolean {
  const url = URL.parse(request.url ?? "/", "http://site");
  if (url === null || !/^\/live(\/|$)/.test(url.pathname)) return false;
  const question = questionOf(url);
  const answering =
    question === undefined ? page(url.pathname, siteUrl) : ask(telemetryUrl + question, siteUrl);
  answering.then((answer) => send(answer, response)).catch(() => response.destroy());
  return true;
}

async function page(path: string, siteUrl: string): Promise<Response> {
  const found = Object.hasOwn(FILES, path.replace(/\/$/, "")) ? FILES[path.replace(/\/$/, "")] : undefined;
  if (found === undefined)
    return problem(siteUrl, "not-found", "The live view has no such file.", { headers: PAGE_HEADERS });
  const headers = { ...PAGE_HEADERS, "content-type": found.type, "cache-control": CACHE_CONTROL.page };
  const text = readFileSync(found.file, "utf8");
  return new Response(found.isScript ? withoutTypes(text) : text, { headers });
}

/**
 * The JavaScript of a TypeScript source, with each line and column in its place. Node warns once that the function is
 * experimental; the user cannot act on that, and the project pins its Node, so the warning is left out.
 */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function ask(url: string, siteUrl: string): Promise<Response> {
  try {
    const { status, body, headers } = await fetch(url, {
      signal: AbortSignal.timeout(ANSWER_SECONDS * 1_000),
    });
    const type = headers.get("content-type") ?? "application/json";
    return new Response(body, {
      status,
      headers: { ...PAGE_HEADERS, "content-type": type, "cache-control": "no-store" },
    });
  } catch {
    return problem(siteUrl, "unavailable", TELEMETRY_AWAY, { headers: PAGE_HEADERS });
  }
}
