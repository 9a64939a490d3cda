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

/** The bucket runs in this process. */
const BUCKET_SECONDS = 2;

export interface SiteDependencies {
  /** The result of `buildSite`. */
  directory: string;
  /** Address of the API, which serves the paths below `/api/` and `/health/`. */
  gatewayUrl: string;
  /** Address of the traces and of the data for the live view; AWS has neither. */
  telemetryUrl: string;
  /** Address of the bucket to which the status probe writes. */
  bucketUrl: string;
  siteUrl: string;
  movedPorts: MovedPorts;
  /** Seconds for the API to answer a request that has arrived completely. */
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
    // A page never needs a range, and sirv throws at a range that ends before it begins.
    delete request.headers.range;
    const sendPage = () =>
      sendOwnPage(path, request, response) || pages(request, response, () => sendNotFound(response));
    const key = keyOfStatus(path);
    if (key === undefined) return sendPage();
    // The probe's page may be newer than the built one; the other files of the build are in the folder.
    readObject(`${bucketUrl}/${key}`, request.headers["if-none-match"]).then(
      (object) => sendObject(object, movedPorts, response),
      () => sendPage(),
    );
  });
}

/** The key in the bucket for a path below /status; undefined for a path that would leave that folder. */
function keyOfStatus(path: string): string | undefined {
  const [, name = "index.html"] = /^\/status(?:\/(\w+(?:\.\w+)+))?\/?$/.exec(path) ?? [path, ""];
  return name === "" ? undefined : `status/${name}`;
}

/** Headers that belong to one connection and not to the message (RFC 9110, section 7.6.1). */
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

/** The framing of the body, stated again: Node would send the body of a GET without it, and the API would read the body as the next request. */
function framingOf({ headers }: IncomingMessage): NodeJS.Dict<string> {
  if (headers["transfer-encoding"] !== undefined) return { "transfer-encoding": "chunked" };
  const length = headers["content-length"];
  return length === undefined ? {} : { "content-length": length };
}

/** Passes the API's answer on unchanged, with the headers that CloudFront adds. Where CloudFront has a page for an origin that does not answer, the answer here is a problem. */
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
      // If the API's answer breaks off, the connection to the client is cut too.
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

/** Rejects if the bucket does not have the object or does not answer. */
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

/** CloudFront passes no other methods on to the bucket. */
function refuse(response: ServerResponse): void {
  response.writeHead(403, PAGE_HEADERS).end();
}
