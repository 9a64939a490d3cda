import { describe, expect, it } from "vitest";
import { fromResult } from "./from-result.ts";

describe("fromResult", () => {
  it("passes status, headers, cookies and body on as the function returned them", async () => {
    const response = fromResult({
      statusCode: 201,
      headers: { "content-type": "text/plain", "x-count": 2 },
      cookies: ["a=1; Path=/", "b=2"],
      body: "created",
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-count")).toBe("2");
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(await response.text()).toBe("created");
  });

  it("decodes base64", async () => {
    const response = fromResult({ statusCode: 200, body: "/wA=", isBase64Encoded: true });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([255, 0]);
  });

  it.each([204, 304])("gives status %i no body", async (statusCode) => {
    expect(await fromResult({ statusCode, body: "" }).text()).toBe("");
  });

  it.each([
    [{ movies: 2 }, '{"movies":2}'],
    ["hello", "hello"],
    [[1], "[1]"],
    [undefined, "null"],
  ])("sends %j, which has no status, as the JSON body of a 200", async (result, body) => {
    const response = fromResult(result);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe(body);
  });

  it.each([
    { statusCode: "abc" },
    { statusCode: 99 },
    { statusCode: 200, body: {} },
    { statusCode: 200, headers: [] },
  ])("refuses %j", (result) => {
    expect(() => fromResult(result)).toThrow();
  });
});
