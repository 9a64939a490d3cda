import { describe, expect, it } from "vitest";
import { call, expectProblem } from "./client.ts";
import { rawBytes, rawHttp } from "./raw-http.ts";
import { leavesNoTrace } from "./stores.ts";
import { tokens } from "./tokens.ts";

const BODY = JSON.stringify({ user_id: "3", number_of_items: "5", total_amount: "180" });
const AUTHORIZATION = `Authorization: Bearer ${tokens.ordinary}`;
const JSON_TYPE = "Content-Type: application/json";

leavesNoTrace();

describe("bytes that are not HTTP", () => {
  const TLS_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...new Array(64).fill(7)]);

  it.each([
    ["garbage", Buffer.from("GARBAGE\r\n\r\n")],
    ["the start of a TLS connection", TLS_HELLO],
    ["HTTP/2", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    ["an unknown method", Buffer.from("BREW /api/movies HTTP/1.1\r\nHost: localhost\r\n\r\n")],
    ["a NUL in a header", Buffer.from("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n")],
    ["a header without a name", Buffer.from("GET /health/live HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n")],
    ["no Host", Buffer.from("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n")],
  ])("are answered with a problem: %s", async (_what, bytes) => {
    expectProblem(await rawBytes(bytes), "invalid-request");
  });
});

describe("an order of ambiguous length", () => {
  const post = (headers: string[], body: string, end = false) =>
    rawHttp("POST /api/billing HTTP/1.1", [AUTHORIZATION, JSON_TYPE, ...headers], { body, end });

  it("is refused when it is shorter than it says", async () => {
    expectProblem(await post([`Content-Length: ${BODY.length + 1}`], BODY, true), "invalid-request");
  });

  it("is refused when it is longer than it says", async () => {
    const answer = await post([`Content-Length: ${BODY.length - 1}`], BODY);
    // One answer is for the announced part, which is cut off, the other for the rest, which is not a request.
    const isFirst = answer.text.includes("malformed-json");
    expectProblem(answer, isFirst ? "malformed-json" : "invalid-request");
  });

  it.each([
    ["has two lengths", [`Content-Length: ${BODY.length}`, "Content-Length: 2"]],
    ["has a negative length", ["Content-Length: -1"]],
    ["has a length that is not a number", ["Content-Length: many"]],
    ["has a length and chunks", [`Content-Length: ${BODY.length}`, "Transfer-Encoding: chunked"]],
  ])("is refused when it %s", async (_what, headers) => {
    expectProblem(await post(headers, BODY), "invalid-request");
  });

  it("is refused when a chunk has no size, and when the last chunk is missing", async () => {
    expectProblem(await post(["Transfer-Encoding: chunked"], `zz\r\n${BODY}`), "invalid-request");
    const unfinished = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
    expectProblem(await post(["Transfer-Encoding: chunked"], unfinished, true), "invalid-request");
  });
});

describe("the request line and the headers", () => {
  it("may have 10,240 bytes together", async () => {
    const filler = (bytes: number) => ({ "x-filler": "x".repeat(bytes) });
    expect((await call("GET", "/health/live", { as: null, headers: filler(9_500) })).status).toBe(200);
    expectProblem(
      await call("GET", "/health/live", { as: null, headers: filler(10_240) }),
      "headers-too-large",
    );
    expectProblem(await call("GET", `/api/movies?title=${"x".repeat(10_240)}`), "headers-too-large");
    const many = Array.from({ length: 2_000 }, (_, index) => `X-${index}: 1`);
    expectProblem(await rawHttp("GET /health/live HTTP/1.1", many), "headers-too-large");
  });
});

it("ignores the body of a GET", async () => {
  const headers = [AUTHORIZATION, JSON_TYPE, "Content-Length: 2"];
  expect((await rawHttp("GET /api/movies?limit=1 HTTP/1.1", headers, { body: "{}" })).status).toBe(200);
});

it("ignores an Expect that it does not know", async () => {
  expect((await rawHttp("GET /health/live HTTP/1.1", ["Expect: miracles"])).status).toBe(200);
});

it.each(["a b", "[", "localhost:99999", "localhost, other", "localhost/health/live?"])(
  "answers the Host %j with a problem",
  async (host) => {
    const bytes = `GET /api/movies HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${AUTHORIZATION}\r\n\r\n`;
    expectProblem(await rawBytes(Buffer.from(bytes)), "invalid-request");
  },
);

it.each(["TRACE", "PROPFIND", "PATCH"])("answers %s with the allowed methods", async (method) => {
  expectProblem(await rawHttp(`${method} /api/movies HTTP/1.1`, [AUTHORIZATION]), "method-not-allowed");
});
