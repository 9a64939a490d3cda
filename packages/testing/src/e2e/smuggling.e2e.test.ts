import { randomUUID } from "node:crypto";
import { describe, expect, inject, it } from "vitest";
import { type Answer, expectProblem, platform } from "./client.ts";
import { rawAnswers } from "./raw-http.ts";
import { leavesNoTrace } from "./stores.ts";
import { tokens } from "./tokens.ts";

const AUTHORIZATION = `Authorization: Bearer ${tokens.ordinary}`;
const { inventory, site } = platform.parts;
const DOORS = [
  { door: "the gateway", at: inject("gatewayUrl") },
  { door: "inventory", at: inventory?.url ?? "" },
  { door: "the site", at: site?.url ?? "" },
];
/** A body that is refused when it is read as intended. */
const BODY = '{"titel":""}';
const SIZE = BODY.length.toString(16);
const CHUNKS = `${SIZE}\r\n${BODY}\r\n0\r\n\r\n`;

/** Bytes that create a movie if a server takes them for a request. */
function hidden(): string {
  const movie = JSON.stringify({ title: `smuggled ${randomUUID()}`, description: "" });
  return `POST /api/movies HTTP/1.1\r\nHost: b\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: ${movie.length}\r\n\r\n${movie}`;
}

/** A request with these framing headers and this body, followed by another one on the same connection. */
function ask(at: string, framing: string, body: string, { method = "POST", behind = hidden() } = {}) {
  const head = `${method} /api/movies HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\n`;
  return rawAnswers(Buffer.from(`${head}${framing}\r\n\r\n${body}${behind}`, "latin1"), { at });
}

function expectOneRefusal(answers: Answer[]): void {
  expect(answers).toHaveLength(1);
  for (const answer of answers) expectProblem(answer, "invalid-request");
}

describe.each(DOORS)("a request within a request is not a request at $door:", ({ at }) => {
  leavesNoTrace();
  const chunked = "Transfer-Encoding: chunked";

  it.each([
    ["CL.TE", `Content-Length: 6\r\n${chunked}`, "0\r\n\r\n"],
    ["TE.CL", `${chunked}\r\nContent-Length: 4`, CHUNKS],
    ["two codings", `${chunked}\r\nTransfer-Encoding: identity`, CHUNKS],
    ["an unknown coding", "Transfer-Encoding: xchunked", CHUNKS],
    ["a coding in quotes", 'Transfer-Encoding: "chunked"', CHUNKS],
    ["a coding around the chunks", "Transfer-Encoding: chunked, gzip", CHUNKS],
    ["a coding within the chunks", "Transfer-Encoding: gzip, chunked", CHUNKS],
    ["identity and a length", `Transfer-Encoding: identity\r\nContent-Length: ${BODY.length}`, BODY],
    ["a space before the colon", "Transfer-Encoding : chunked", CHUNKS],
    ["a vertical tab before the value", "Transfer-Encoding: \vchunked", CHUNKS],
    ["a folded header", "Transfer-Encoding:\r\n chunked", CHUNKS],
    ["a header behind a bare LF", `X: 1\n${chunked}`, CHUNKS],
    ["a header behind a bare CR", `X: 1\r${chunked}`, CHUNKS],
    ["a NUL in a name", `Transfer\0-Encoding: chunked`, CHUNKS],
    ["two lengths", `Content-Length: ${BODY.length}\r\nContent-Length: 0`, BODY],
    ["the same length twice", `Content-Length: ${BODY.length}\r\nContent-Length: ${BODY.length}`, BODY],
    ["two lengths in one", `Content-Length: ${BODY.length}, 0`, BODY],
    ["a length with a sign", `Content-Length: +${BODY.length}`, BODY],
    ["a length in hexadecimal", `Content-Length: 0x${SIZE}`, BODY],
    ["a length with a space", "Content-Length: 1 2", BODY],
    ["a length beyond all numbers", "Content-Length: 99999999999999999999999", BODY],
    ["a chunk with a bare LF", chunked, `${SIZE}\n${BODY}\n0\n\n`],
    ["a chunk extension with a bare LF", chunked, `${SIZE};a\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk size in disguise", chunked, `0x${SIZE}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk size with a sign", chunked, `-${SIZE}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk size with a space", chunked, `${SIZE} \r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk size that overflows 64 bits", chunked, `1000000000000000${SIZE}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk longer than its size", chunked, `${SIZE}\r\n${BODY}XX0\r\n\r\n`],
    ["a chunk extension without end", chunked, `${SIZE};${"a".repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a length in a trailer", chunked, `${SIZE}\r\n${BODY}\r\n0\r\nContent-Length: 5\r\n\r\n`],
    ["two Hosts", `Host: b\r\nContent-Length: ${BODY.length}`, BODY],
  ])("%s", async (_, framing, body) => {
    expectOneRefusal(await ask(at, framing, body));
  });

  it.each([
    ["a chunk extension", chunked, `${SIZE};a=b;c="d"\r\n${BODY}\r\n0\r\n\r\n`],
    ["a tab before the value", "Transfer-Encoding:\tchunked", CHUNKS],
    ["zeros before a length", `Content-Length: 00${BODY.length}`, BODY],
    ["zeros before a chunk's size", chunked, `00${SIZE}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a trailer that would be a header", chunked, `${SIZE}\r\n${BODY}\r\n0\r\nAuthorization: x\r\n\r\n`],
  ])("%s is read as HTTP defines it", async (_, framing, body) => {
    expectOneRefusal(await ask(at, `${framing}\r\nConnection: close`, body, { behind: "" }));
  });

  it.each(["GET", "DELETE", "OPTIONS"])("the body of a %s", async (method) => {
    const text = hidden();
    const chunks = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    for (const [framing, body] of [
      [`Connection: close\r\nContent-Length: ${text.length}`, text],
      [`Connection: close, content-length\r\nContent-Length: ${text.length}`, text],
      [`Connection: close\r\n${chunked}`, chunks],
    ] as const)
      expect(await ask(at, framing, body, { method, behind: "" })).toHaveLength(1);
  });

  it("the bytes after an Upgrade, a CONNECT, or the preface of HTTP/2", async () => {
    const upgrade =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA";
    const head = `GET /api/movies?limit=1 HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\n${upgrade}\r\n\r\n`;
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const upgraded = await rawAnswers(Buffer.from(head + preface + hidden()), { at });
    expect(upgraded.map(({ status }) => status)).toEqual([200]);
    for (const first of ["CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", preface])
      expectOneRefusal(await rawAnswers(Buffer.from(first + hidden()), { at }));
  });
});

it.each(DOORS)("$door answers pipelined requests in order, each by its own token", async ({ at }) => {
  const lines = [
    `GET /api/movies?limit=1 HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\n\r\n`,
    "GET /api/movies?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET /api/movies/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${AUTHORIZATION}\r\n\r\n`,
  ];
  const answers = await rawAnswers(Buffer.from(lines.join("")), { at });
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 404]);
});
