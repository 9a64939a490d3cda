import { request as ask, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { problem } from "@cloud-design/http";
import { createProblemServer } from "@cloud-design/http/server";
import { API_HEADERS, cacheControlOf, PAGE_HEADERS, REQUESTS_FILE } from "@cloud-design/site/headers";
import { NOT_FOUND_PAGE } from "@cloud-design/site/not-found-page";
import sirv from "sirv";
import { send } from "../api-gateway/respond.ts";
import { serveLive } from "./live.ts";
import { type MovedPorts, ownPage } from "./own-page.ts";
import { servePages } from "./pages.ts";

/** It is in this very process. */
const BUCKET_SECONDS = 2;

export interface SiteDependencies {
  /** What `buildSite` gave. */
  directory: string;
  /** Where the API is: what CloudFront sends there stands behind `/api/` and `/health/`. */
  gatewayUrl: string;
  /** Where traces are, and what the live view shows; on AWS there is neither. */
  telemetryUrl: string;
  /** Of the bucket, where the status probe writes. */
  bucketUrl: string;
  siteUrl: string;
  movedPorts: MovedPorts;
  /** What the API has to answer a request in that is whole. */
  apiSeconds: number;
}

/** CloudFront: pages, the status from the bucket, and the API behind the same name. */
export function createSite(site: SiteDependencies): Server {
  const { directory, bucketUrl, siteUrl, movedPorts } = site;
  const pages = sirv(directory, {
    etag: true,
    extensions: ["html"],
    setHeaders: (response, path) => {
      response.setHeader("cache-control", cacheControlOf(path));
      if (path === `/${REQUESTS_FILE.path}`) response.setHeader("content-type", REQUESTS_FILE.contentType);
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    },
  });
  const sendOwnPage = servePages(directory, movedPorts);
  return createProblemServer({ siteUrl, visitors: "local" }, (request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?");
    if (/^\/(api|health)\//.test(path)) return forward(request, response, site);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response);
    if (serveLive(request, response, site)) return;
    // No page needs a part of itself, and sirv throws at a range that ends before it begins.
    delete request.headers.range;
    const sendPage = () =>
      sendOwnPage(path, request, response) || pages(request, response, () => sendNotFound(response));
    const key = keyOfStatus(path);
    if (key === undefined) return sendPage();
    // The probe's page may be younger than the one that was built; what was built beside it is in the folder.
    readObject(`${bucketUrl}/${key}`, request.headers["if-none-match"]).then(
      (object) => sendObject(object, movedPorts, response),
      () => sendPage(),
    );
  });
}

/** What is known of the bucket under /status; nothing that climbs out of it. */
function keyOfStatus(path: string): string | undefined {
  const [, name = "index.html"] = /^\/status(?:\/(\w+(?:\.\w+)+))?\/?$/.exec(path) ?? [path, ""];
  return name === "" ? undefined : `status/${name}`;
}

/** Of one connection, and not of the message (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function endToEnd(headers: NodeJS.Dict<string[]>): NodeJS.Dict<string[]> {
  const named = (headers.connection ?? []).flatMap((value) => value.toLowerCase().split(/\s*,\s*/));
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name)),
  );
}

/** Where the body ends, said anew: Node would send a GET's without, and the API take it for the next request. */
function framingOf({ headers }: IncomingMessage): NodeJS.Dict<string> {
  if (headers["transfer-encoding"] !== undefined) return { "transfer-encoding": "chunked" };
  const length = headers["content-length"];
  return length === undefined ? {} : { "content-length": length };
}

/** The API's answer as it is, with the headers that CloudFront adds. Its own page for a dead origin is a problem here. */
function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { gatewayUrl, siteUrl, apiSeconds }: SiteDependencies,
): void {
  const { hostname, port } = new URL(gatewayUrl);
  const outgoing = ask(
    {
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers: {
        ...endToEnd(request.headersDistinct),
        ...framingOf(request),
        host: `${hostname}:${port}`,
      },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headersDistinct), ...API_HEADERS });
      // An answer that breaks off ends as broken here.
      pipeline(answer, response, () => {});
    },
  );
  request.once("end", () => outgoing.setTimeout(apiSeconds * 1_000));
  outgoing.once("timeout", () => outgoing.destroy(new Error("The API does not answer")));
  outgoing.once("error", () => {
    if (response.headersSent) return response.destroy();
    void send(problem(siteUrl, "unavailable", "The API does not answer."), response);
  });
  response.once("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

interface StoredObject {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Rejects when the bucket does not have it, or does not answer. */
async function readObject(url: string, ifNoneMatch: string | undefined): Promise<StoredObject> {
  const answer = await fetch(url, {
    headers: ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch },
    signal: AbortSignal.timeout(BUCKET_SECONDS * 1_000),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok && answer.status !== 304) throw new Error(`HTTP ${answer.status}`);
  const kept = ["content-type", "cache-control", "etag", "last-modified"].flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: answer.status, headers: Object.fromEntries(kept), body };
}

function sendObject(
  { status, headers, body: stored }: StoredObject,
  movedPorts: MovedPorts,
  response: ServerResponse,
): void {
  const isPage = headers["content-type"]?.startsWith("text/html") === true;
  const body = isPage ? ownPage(stored.toString(), movedPorts) : stored;
  response.writeHead(status, { ...headers, ...PAGE_HEADERS });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function sendNotFound(response: ServerResponse): void {
  response
    .writeHead(404, { "content-type": "text/html; charset=utf-8", ...PAGE_HEADERS })
    .end(NOT_FOUND_PAGE);
}

/** CloudFront lets nothing else through to the bucket. */
function refuse(response: ServerResponse): void {
  response.writeHead(403, PAGE_HEADERS).end();
}
