import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { expect, test } from "vitest";
import { answeredRoutes } from "../testing/gateway-app.ts";

test("the gateway answers the routes that API Gateway has, and no others", () => {
  // Hono answers HEAD with its handler for GET.
  const wanted = apiGatewayRoutes().filter(({ key }) => !key.startsWith("HEAD "));
  expect(answeredRoutes()).toEqual(new Set(wanted.map(({ key }) => key)));
});
