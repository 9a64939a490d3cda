import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { problem } from "@cloud-design/http";
import { API_HEADERS, cacheControlOf, PAGE_HEADERS } from "@cloud-design/site/headers";
import { NOT_FOUND_PAGE } from "@cloud-design/site/not-found-page";
import sirv from "sirv";
import { send } from "../api-gateway/respond.ts";
import { SERVER_OPTIONS } from "../stand-in.ts";

/** What CloudFront waits for API Gateway. */
const ORIGIN_SECONDS = 30;

export interface SiteDependencies {
  /** What `buildSite` gave. */
  directory: string;
  /** Where the API is: what CloudFront sends there stands behind `/api/` and `/health/`. */
  gatewayUrl: string;
  /** Of the bucket, where the status probe writes. */
  bucketUrl: string;
  siteUrl: string;
}

/** CloudFront: pages, the status from the bucket, and the API behind the same name. */
export function createSite({ directory, gatewayUrl, bucketUrl, siteUrl }: SiteDependencies): Server {
  const pages = sirv(directory, {
    etag: true,
    extensions: ["html"],
    setHeaders: (response, path) => {
      response.setHeader("cache-control", cacheControlOf(path));
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    },
  });
  return createServer(SERVER_OPTIONS, (request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?");
    if (/^\/(api|health)\//.test(path)) return forward(request, response, { gatewayUrl, siteUrl });
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response);
    const sendPage = () => pages(request, response, () => sendNotFound(response));
    if (!/^\/status(\/|$)/.test(path)) return sendPage();
    // The probe's page may be younger than the one that was built; what was built beside it is in the folder.
    void sendStatus(request, response, { path, bucketUrl }).then((isSent) => isSent || sendPage());
  });
}

/** The API's answer as it is, with the headers that CloudFront adds. Its own page for a dead origin is a problem here. */
function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { gatewayUrl, siteUrl }: { gatewayUrl: string; siteUrl: string },
): void {
  const { host: _, ...headers } = request.headersDistinct;
  const { hostname, port } = new URL(gatewayUrl);
  const outgoing = ask(
    {
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers: { ...headers, host: `${hostname}:${port}` },
      timeout: ORIGIN_SECONDS * 1_000,
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...API_HEADERS });
      answer.pipe(response);
    },
  );
  outgoing.once("timeout", () => outgoing.destroy(new Error("The API does not answer")));
  outgoing.once("error", () => {
    if (response.headersSent) return response.destroy();
    void send(problem(siteUrl, "unavailable", "The API does not answer."), response);
  });
  response.once("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

/** Whether the bucket had it. */
async function sendStatus(
  request: IncomingMessage,
  response: ServerResponse,
  { path, bucketUrl }: { path: string; bucketUrl: string },
): Promise<boolean> {
  const key = path.replace(/\/$/, "") === "/status" ? "status/index.html" : path.slice(1);
  const condition = request.headers["if-none-match"];
  const object = await fetch(`${bucketUrl}/${key}`, {
    headers: condition === undefined ? {} : { "if-none-match": condition },
  }).catch(() => undefined);
  if (object === undefined || (!object.ok && object.status !== 304)) return false;
  const kept = ["content-type", "cache-control", "etag", "last-modified"].flatMap((name) => {
    const value = object.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(object.status, { ...Object.fromEntries(kept), ...PAGE_HEADERS });
  response.end(request.method === "HEAD" ? undefined : Buffer.from(await object.arrayBuffer()));
  return true;
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
