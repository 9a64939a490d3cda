import { runInNewContext } from "node:vm";
import { pathSegments } from "@cloud-design/local/stand-ins/api-gateway/router";
import { PAGE_HEADERS } from "@cloud-design/site/headers";
import { readApp, resourcesOf } from "@cloud-design/stacks/testing/app";
import { transform } from "esbuild";
import { describe, expect, inject, test } from "vitest";
import * as z from "zod";

const EdgeFunction = z.object({
  FunctionCode: z.string(),
  FunctionConfig: z.object({ Runtime: z.literal("cloudfront-js-2.0") }),
});
const functions = resourcesOf(
  readApp("prod", inject("outputs").prod),
  "AWS::CloudFront::Function",
  EdgeFunction,
);

function codeOf(id: string): string {
  return functions.find(({ name }) => name === `Site/${id}`)?.properties.FunctionCode ?? "";
}

/** The result of the template's function for a request with this path. */
function run(id: string, uri: string): Record<string, unknown> {
  const event = { request: { method: "GET", uri, headers: {}, querystring: {}, cookies: {} } };
  const answer = runInNewContext(`${codeOf(id)}\nhandler(${JSON.stringify(event)})`);
  return JSON.parse(JSON.stringify(answer));
}

/**
 * The runtime's features beyond ES 5.1, as AWS lists them
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html).
 */
const SUPPORTED = {
  arrow: true,
  "async-await": true,
  "const-and-let": true,
  "exponent-operator": true,
  "rest-argument": true,
  "template-literal": true,
};

describe.each(functions.map(({ name, properties }) => ({ name, code: properties.FunctionCode })))(
  "the edge function $name",
  ({ code }) => {
    test("is within CloudFront's limit of 10 KB", () => {
      expect(Buffer.byteLength(code)).toBeLessThan(10 * 1_024);
    });

    test("uses only syntax that CloudFront supports", async () => {
      const { code: asWritten } = await transform(code, { target: "esnext" });
      const { code: compiled } = await transform(code, { target: "es5", supported: SUPPORTED });
      expect(compiled).toBe(asWritten);
    });
  },
);

describe("a path of the API", () => {
  test.each([
    ["/api/movies/", "/api/movies"],
    ["/api/movies", "/api/movies"],
    ["/api/movies/7/", "/api/movies/7"],
    ["/health/live/", "/health/live"],
    ["/", "/"],
  ])("%s reaches API Gateway as %s", (uri, expected) => {
    expect(run("Untrail", uri)).toMatchObject({ method: "GET", uri: expected });
  });

  test.each([
    "/",
    "/api/movies",
    "/api/movies/",
    "/api/movies//",
    "/api//movies/",
    "/api/movies/a%2Fb/",
    "//",
  ])("%s has the same segments as on the laptop", (uri) => {
    const segments = String(run("Untrail", uri).uri).split("/").slice(1).map(decodeURIComponent);
    expect(segments).toEqual(pathSegments(uri));
  });
});

describe("a page", () => {
  test.each([
    ["/", "/index.html"],
    ["/problems/not-found", "/problems/not-found/index.html"],
    ["/problems/not-found/", "/problems/not-found/index.html"],
    ["/status", "/status/index.html"],
    ["/status/", "/status/index.html"],
  ])("%s is the object %s", (uri, expected) => {
    expect(run("PageOf", uri)).toMatchObject({ method: "GET", uri: expected });
  });

  test.each([
    "/status/status.json",
    "/openapi.json",
    "/favicon.svg",
    "/assets/index.Bd6sJd1k.css",
    "/pagefind/pagefind.js",
    "/assets/..index..js",
  ])("%s is the object of that name", (uri) => {
    expect(run("PageOf", uri)).toMatchObject({ method: "GET", uri });
  });

  test.each([
    "/nowhere",
    "/index.html",
    "/deploy/index.html",
    "/problems/not-found.html",
    "/incidents/readme",
    "/deployment/version.json",
    "/ledger/orders.json",
    "/assets/",
    "/__proto__",
    "/status/../ledger/orders.json",
    "/status/%2e%2e/ledger/orders.json",
    "/status/.%2E/ledger/orders.json",
    "/status/..%2fledger/orders.json",
    "/status%2F..%2Fledger/orders.json",
    "/status/..\\ledger\\orders.json",
    "/status/./status.json",
    "/assets/..",
    "/..",
  ])("%s is a 404 with a page of its own", (uri) => {
    expect(run("PageOf", uri)).toEqual({
      statusCode: 404,
      statusDescription: "Not Found",
      headers: {
        "content-type": { value: "text/html; charset=utf-8" },
        ...Object.fromEntries(Object.entries(PAGE_HEADERS).map(([name, value]) => [name, { value }])),
      },
      body: { encoding: "text", data: expect.stringMatching(/^<!doctype html>/) },
    });
  });
});
