import { expect, test } from "vitest";
import { apiGatewayRoutes } from "./routes.ts";
import { classOf } from "./throttles.ts";

test("every route has a class, and the list of movies one of its own", () => {
  const routes = Object.groupBy(apiGatewayRoutes(), classOf);
  const keys = Object.fromEntries(
    Object.entries(routes).map(([name, found]) => [name, found.map(({ key }) => key)]),
  );
  expect(keys).toEqual({
    list: ["GET /api/movies", "HEAD /api/movies"],
    read: [
      "GET /api/movies/{id}",
      "HEAD /api/movies/{id}",
      "GET /api/imports/{id}",
      "HEAD /api/imports/{id}",
      "GET /api/webhooks",
      "HEAD /api/webhooks",
      "GET /api/webhooks/{id}",
      "HEAD /api/webhooks/{id}",
      "GET /api/billing/orders/{id}",
      "HEAD /api/billing/orders/{id}",
    ],
    write: [
      "POST /api/movies",
      "PUT /api/movies/{id}",
      "DELETE /api/movies/{id}",
      "POST /api/imports",
      "POST /api/webhooks",
      "DELETE /api/webhooks/{id}",
      "POST /api/billing",
    ],
    admin: ["DELETE /api/movies"],
    public: expect.arrayContaining(["GET /api/status", "ANY /api/billing"]),
  });
});
