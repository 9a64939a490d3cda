import { expect, inject, test } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";

const app = readApp("prod", inject("outputs").prod);

test("neither a failed check nor a failed pass of the sleeper is retried", () => {
  const Config = z.object({ FunctionName: z.string(), MaximumRetryAttempts: z.number() });
  const configs = resourcesOf(app, "AWS::Lambda::EventInvokeConfig", Config).map(
    ({ properties }) => properties,
  );
  expect(configs).toEqual(
    ["Status/StatusProbe", "Sleep/Sleeper"].map((name) => ({
      FunctionName: `<${name}>`,
      MaximumRetryAttempts: 0,
    })),
  );
});

test("the probe's client may only read", () => {
  const Client = z.object({
    AllowedOAuthScopes: z.array(z.string()),
    AllowedOAuthFlows: z.array(z.string()),
  });
  const [probe] = resourcesOf(app, "AWS::Cognito::UserPoolClient", Client).filter(({ name }) =>
    name.endsWith("/Probe"),
  );
  expect(probe?.properties.AllowedOAuthFlows).toEqual(["client_credentials"]);
  const scopes = probe?.properties.AllowedOAuthScopes.map((scope) => scope.split("/").at(-1));
  expect(scopes).toEqual(["movies.read", "orders.read"]);
});
