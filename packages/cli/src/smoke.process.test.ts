import { createServer, type IncomingMessage, type Server } from "node:http";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smokeTest } from "./smoke.ts";

const WELL = { status: "up", components: [{ name: "billing", status: "up" }] };
const UNWELL = { status: "degraded", components: [{ name: "billing", status: "down" }] };

let server: Server;
let siteUrl: string;
let asked: string[];
let reported: string[];
/** The platform's answers to each question, one after the other; the last one repeats. */
let answers: Record<string, { status?: number; body: unknown }[]>;

beforeEach(async () => {
  asked = [];
  reported = [];
  answers = {
    "GET /api/status": [{ body: WELL }],
    "GET /api/movies?limit=1": [{ body: [] }],
    "POST /api/billing": [{ body: { id: "ord_1", status: "accepted" } }],
    "GET /api/billing/orders/ord_1": [
      { status: 202, body: { id: "ord_1", status: "accepted" } },
      { body: { id: "ord_1", status: "recorded" } },
    ],
  };
  server = createServer((request, response) => {
    const question = questionOf(request);
    asked.push(question);
    const queue = answers[question] ?? [];
    const { status = 200, body } = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: 404, body: {} };
    response.writeHead(status).end(JSON.stringify(body));
  });
  siteUrl = `http://localhost:${await listen(server, 0)}`;
});

afterEach(() => drain(server, 1));

/** Questions without a token may only be about public paths. */
function questionOf({ method, url, headers }: IncomingMessage): string {
  const isAllowed = url === "/api/status" || headers.authorization === "Bearer secret";
  return isAllowed ? `${method} ${url}` : "unauthorised";
}

const smoke = (patienceSeconds = 30) =>
  smokeTest({
    siteUrl,
    token: async () => "secret",
    patienceSeconds,
    report: (done) => reported.push(done),
  });

describe("the smoke test", () => {
  it("waits until its order is recorded", async () => {
    await smoke();
    expect(reported.at(-1)).toBe("and recorded");
    expect(asked.filter((question) => question.includes("orders"))).toHaveLength(2);
  });

  it("gives a platform that is just being replaced time to become ready", async () => {
    answers["GET /api/status"] = [
      { body: UNWELL },
      { status: 503, body: { ...UNWELL, status: "down" } },
      { body: WELL },
    ];
    await smoke();
    expect(asked.slice(0, 4)).toEqual([...Array(3).fill("GET /api/status"), "GET /api/movies?limit=1"]);
  });

  it("names the components that are not up, and then places no order", async () => {
    answers["GET /api/status"] = [{ body: UNWELL }];
    await expect(smoke(0)).rejects.toThrow("The platform is degraded: billing (docs/runbook.md).");
    expect(asked).not.toContain("POST /api/billing");
  });

  it.each([
    ["accepted", "Order ord_1 is accepted and not recorded after 0 s"],
    ["rejected", "Order ord_1 is rejected and not recorded"],
  ])("fails when its order stays %s", async (status, sentence) => {
    answers["GET /api/billing/orders/ord_1"] = [{ body: { id: "ord_1", status } }];
    await expect(smoke(0)).rejects.toThrow(sentence);
  });

  it.each([
    ["a refusal", "GET /api/movies?limit=1", 403, { type: "about:blank", status: 403, title: "Not yours" }],
    ["a page of the network's", "POST /api/billing", 200, "<html>"],
    [
      "a problem instead of an order",
      "GET /api/billing/orders/ord_1",
      404,
      { status: 404, title: "Not there" },
    ],
  ])("shows %s as it was answered", async (_, question, status, body) => {
    answers[question] = [{ status, body }];
    await expect(smoke()).rejects.toThrow(
      `${question.replace("/", `${siteUrl}/`)} was answered with ${status}: ${JSON.stringify(body)}`,
    );
  });

  it("names the request without an answer", async () => {
    const gone = smokeTest({
      siteUrl: "http://127.0.0.1:1",
      token: async () => "",
      patienceSeconds: 0,
      report: () => {},
    });
    await expect(gone).rejects.toThrow("GET http://127.0.0.1:1/api/status got no answer within 15 s.");
  });
});
