import { committedDocument, operationsOf, scopesOf } from "@cloud-design/contract/document";
import { PUBLIC } from "@cloud-design/functions/gateway/routes";
import { describe, expect, inject, test } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";
import { answeredRoutes } from "../testing/gateway-app.ts";
import { STAGES } from "../testing/setup.ts";

const Route = z.object({ RouteKey: z.string(), AuthorizationScopes: z.array(z.string()).default([]) });

/** Sorted lines such as `GET /api/movies cloud-design/movies.read`. */
const documented = operationsOf(committedDocument())
  .map(({ method, path, operation }) => `${method} ${path} ${scopesOf(operation).join() || PUBLIC}`)
  .toSorted();

describe.each(STAGES)("in the stage %s", (stage) => {
  test("API Gateway has the operations of the OpenAPI document, each with its scope", () => {
    const routes = resourcesOf(readApp(stage, inject("outputs")[stage]), "AWS::ApiGatewayV2::Route", Route)
      .map(({ properties }) => properties)
      // HEAD comes with GET, and ANY only refuses: the document describes neither.
      .filter(({ RouteKey }) => !/^(HEAD|ANY) /.test(RouteKey))
      .map(({ RouteKey, AuthorizationScopes }) => `${RouteKey} ${AuthorizationScopes.join() || PUBLIC}`);
    expect(routes.toSorted()).toEqual(documented);
  });
});

test("the gateway answers the operations of the OpenAPI document", () => {
  const answered = [...answeredRoutes()].filter((key) => !key.startsWith("ANY "));
  expect(answered.toSorted()).toEqual(documented.map((one) => one.replace(/ \S+$/, "")));
});
