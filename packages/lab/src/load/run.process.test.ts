import { createServer, type RequestListener, type Server } from "node:http";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadReport } from "./figures.ts";
import { runLoad } from "./run.ts";

const SIZE = { perSecond: 50, seconds: 2 };

let server: Server;
let url: string;
/** Each request with its method, in the order of arrival. */
let asked: string[];
let films: Map<number, string>;
let orders: number;
/** Answers in place of the platform where it returns true. */
let intercept: (...request: Parameters<RequestListener>) => boolean;

beforeEach(async () => {
  asked = [];
  films = new Map();
  orders = 0;
  intercept = () => false;
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    asked.push(`${request.method} ${pathname}`);
    if (intercept(request, response)) return;
    const answer = (body: unknown) => response.end(JSON.stringify(body));
    const id = Number(pathname.split("/").at(-1));
    if (request.method === "DELETE") answer(films.delete(id));
    else if (pathname.startsWith("/api/billing/orders/")) answer({ status: "recorded" });
    else if (pathname === "/api/billing") answer({ id: `ord_${orders++}`, status: "accepted" });
    else if (request.method === "POST") {
      const film = asked.length;
      films.set(film, JSON.parse(Buffer.concat(chunks).toString()).title);
      answer({ id: film });
    } else {
      const title = searchParams.get("title");
      answer([...films].filter(([, name]) => name === title).map(([film]) => ({ id: film })));
    }
  });
  url = `http://localhost:${await listen(server, 0)}`;
});

afterEach(() => drain(server, 1));

function load(signal = new AbortController().signal): Promise<LoadReport> {
  return runLoad({
    scenario: "steady",
    size: SIZE,
    seed: 1,
    signal,
    target: { name: "here", url, token: async () => "token", perSecondMax: 500 },
    terminal: { doing: () => {}, done: () => {}, failed: () => {} },
  });
}

test("a run sends every kind of request, follows each order, and leaves no film behind", async () => {
  const { phases, orders: followed, isComplete } = await load();
  const [{ all, kinds, errors } = {}] = phases;
  expect(all?.sent).toBeGreaterThan(60);
  expect(Object.values(kinds ?? {}).every(({ sent }) => sent > 0)).toBe(true);
  expect([errors, isComplete]).toEqual([{}, true]);
  expect(followed).toMatchObject({ accepted: orders, recorded: orders, rejected: 0, lost: [] });
  expect(films.size).toBe(0);
});

test("a platform that stands still is sent requests all the same, whose waits begin when they should have been sent", async () => {
  const held: (() => void)[] = [];
  let isStill = true;
  intercept = (request, response) => {
    const isRead = request.method === "GET" && !request.url?.includes("orders");
    if (isRead && isStill) held.push(() => response.end("[]"));
    return isRead && isStill;
  };
  const running = load();
  await expect.poll(() => held.length).toBeGreaterThan(40);
  isStill = false;
  for (const release of held) release();
  const [{ kinds } = {}] = (await running).phases;
  // A client that waits for its answers would have sent one request, and measured one long wait.
  expect(kinds?.movie.p95).toBeGreaterThan(100);
});

test("failures are counted by their problem, also where the answer has no problem", async () => {
  intercept = (request, response) => {
    if (request.url === "/api/billing") {
      const type = "https://example.com/problems/unavailable";
      response.writeHead(503).end(JSON.stringify({ type, status: 503 }));
    } else if (request.url === "/api/movies?limit=20") response.writeHead(502).end("<html>");
    else if (request.url?.startsWith("/api/movies?title=the")) request.socket.destroy();
    else return false;
    return true;
  };
  const { phases, orders: followed } = await load();
  const [{ errors = {}, kinds } = {}] = phases;
  expect(errors["503 unavailable"]).toBe(kinds?.order.sent);
  expect(errors["502 without a problem"]).toBe(kinds?.list.sent);
  expect(Object.keys(errors).find((error) => error.startsWith("no answer ("))).toBeDefined();
  expect(kinds?.movie.failed).toBe(0);
  expect(followed.accepted).toBe(0);
});

test("an interruption ends the load, and what was measured is reported", async () => {
  const interrupt = new AbortController();
  intercept = () => {
    if (asked.length > 30) interrupt.abort();
    return false;
  };
  const { phases, orders: followed, isComplete } = await load(interrupt.signal);
  const [{ all, seconds = 0 } = {}] = phases;
  expect(isComplete).toBe(false);
  expect(all?.sent).toBeGreaterThan(10);
  expect(seconds).toBeLessThan(SIZE.seconds);
  expect(followed.recorded).toBe(followed.accepted);
  expect(films.size).toBe(0);
});

test("a platform that takes no film is not loaded", async () => {
  intercept = (_, response) => {
    response.writeHead(403).end(JSON.stringify({ type: "https://example.com/problems/insufficient-scope" }));
    return true;
  };
  await expect(load()).rejects.toThrow(
    `The films of the load test cannot be added at ${url}: 403 insufficient-scope.`,
  );
  expect(asked).toEqual(["POST /api/movies"]);
});
