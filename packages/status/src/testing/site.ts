import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildAssets } from "../assets.ts";
import { renderFeed } from "../feed.ts";
import { renderPage } from "../page.ts";
import { toStatus } from "../to-status.ts";
import { check, history, INCIDENTS, NOON } from "./fixtures.ts";

/** As strict as the policy of CloudFront and of the laptop, which additionally allows the search of the docs. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Seconds between the check and the server's clock. */
const AGE_SECONDS = 7;

export interface Site extends AsyncDisposable {
  url: string;
  /** Files by name, without `.json`: undefined gives 404, and a string is sent unchanged. */
  data: { status: unknown; history: unknown; incidents: unknown };
  headers: Record<string, string>;
  /** Closes each connection without an answer. */
  isDown: boolean;
  /** How often the status was requested. */
  refreshes: number;
}

export function statusOf(states: Parameters<typeof check>[0] = {}, checkedAt = NOON) {
  const options = { intervalSeconds: 60, deployedAt: "2026-11-25T09:12:00Z" };
  return toStatus(check(states, checkedAt), undefined, options);
}

/** Serves the page as the probe wrote it at the time of its check, with its data, on 127.0.0.1. */
export async function serve(given: Partial<Site["data"]> = {}): Promise<Site> {
  const { css, script } = await buildAssets();
  const data = { status: statusOf(), history: history(), incidents: INCIDENTS, ...given };
  const page = renderPage({ ...data, now: NOON, assets: { css: css.name, script: script.name } });
  const texts: Record<string, [type: string, text: string]> = {
    "/status": ["text/html; charset=utf-8", page],
    [`/status/${css.name}`]: ["text/css", css.content],
    [`/status/${script.name}`]: ["text/javascript", script.content],
    "/status/feed.atom": ["application/xml", renderFeed(INCIDENTS, "https://movies.example")],
  };
  const server = createServer(({ url = "" }, response) => {
    if (url === "/status/status.json") site.refreshes++;
    if (site.isDown) return response.destroy();
    response.sendDate = false;
    response.setHeader("date", new Date(NOON + AGE_SECONDS * 1_000).toUTCString());
    response.setHeader("content-security-policy", CONTENT_SECURITY_POLICY);
    for (const [name, value] of Object.entries(site.headers)) response.setHeader(name, value);
    const text = texts[url];
    if (text) return send(response, ...text);
    const content = site.data[url.replace(/^\/status\/|\.json$/g, "") as keyof Site["data"]];
    if (content === undefined) return response.writeHead(404).end();
    send(response, "application/json", typeof content === "string" ? content : JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data,
    headers: {},
    isDown: false,
    refreshes: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}

function send(response: ServerResponse, type: string, text: string): void {
  response.setHeader("content-type", type);
  response.end(text);
}
