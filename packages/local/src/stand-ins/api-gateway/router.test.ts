import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { describe, expect, it } from "vitest";
import { createRouter, pathSegments } from "./router.ts";

const match = createRouter(apiGatewayRoutes());

describe("the router", () => {
  it.each([
    ["GET", "/api/movies", "GET /api/movies"],
    ["GET", "/api/movies/", "GET /api/movies"],
    ["HEAD", "/api/movies", "HEAD /api/movies"],
    ["PATCH", "/api/movies", "ANY /api/movies"],
    ["PUT", "/api/movies/7", "PUT /api/movies/{id}"],
    ["PUT", "/api/movies/7/", "PUT /api/movies/{id}"],
    ["POST", "/api/movies/7", "ANY /api/movies/{id}"],
    ["GET", "/api/billing/orders/o-1", "GET /api/billing/orders/{id}"],
    ["GET", "/health/live", "GET /health/live"],
  ])("takes %s %s to %s", (method, path, key) => {
    expect(find(method, path)?.route.key).toBe(key);
  });

  it.each(["/", "/api", "/api/movies//", "/api/movies/7/8", "/API/movies", "//api/movies"])(
    "knows no %s",
    (path) => {
      expect(find("GET", path)).toBeUndefined();
    },
  );

  it("passes the parameter on decoded, as one segment", () => {
    expect(find("GET", "/api/movies/a%2Fb%20c")?.pathParameters).toEqual({ id: "a/b c" });
  });

  it("reports a path that is not well encoded", () => {
    expect(pathSegments("/api/movies/%zz")).toBeUndefined();
    expect(pathSegments("/api/movies/%C3")).toBeUndefined();
  });
});

function find(method: string, path: string) {
  return match(method, pathSegments(path) ?? []);
}
