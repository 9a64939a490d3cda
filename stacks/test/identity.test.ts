import { expect, inject, test } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";

const Client = z.object({
  ExplicitAuthFlows: z.array(z.string()),
  RefreshTokenRotation: z.object({ Feature: z.string(), RetryGracePeriodSeconds: z.number() }).optional(),
});

test.each(["dev", "prod"] as const)(
  "%s: a person's refresh token is good once, and no flow bypasses that",
  (stage) => {
    const clients = resourcesOf(
      readApp(stage, inject("outputs")[stage]),
      "AWS::Cognito::UserPoolClient",
      Client,
    );
    const web = clients.find(({ name }) => name.endsWith("/Web"))?.properties;
    expect(web?.RefreshTokenRotation).toEqual({ Feature: "ENABLED", RetryGracePeriodSeconds: 10 });
    // Cognito refuses the flow REFRESH_TOKEN_AUTH beside rotation, and takes an empty list for all flows.
    expect(web?.ExplicitAuthFlows).toEqual(["ALLOW_CUSTOM_AUTH"]);
    for (const { properties } of clients)
      expect(properties.ExplicitAuthFlows.join()).not.toMatch(/PASSWORD|SRP/);
  },
);
