import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";

const Distribution = z.object({
  DistributionConfig: z.object({
    Origins: z.array(
      z.object({
        DomainName: z.string(),
        OriginCustomHeaders: z
          .array(z.object({ HeaderName: z.string(), HeaderValue: z.string() }))
          .default([]),
      }),
    ),
  }),
});
const Gateway = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) });

/** CloudFront sends API Gateway a secret that its functions check, so that a caller cannot bypass the firewall. */
export function originSecret(app: App): string[] {
  return ["Gateway/Gateway", "Gateway/OrderGateway"].flatMap((name) => problemsOf(app, name));
}

function problemsOf(app: App, handler: string): string[] {
  const gateway = resourcesOf(app, "AWS::Lambda::Function", z.unknown()).find(({ name }) => name === handler);
  const secret = Gateway.safeParse(gateway?.properties).data?.Environment.Variables.ORIGIN_SECRET_ARN;
  const origins = resourcesOf(app, "AWS::CloudFront::Distribution", Distribution)
    .flatMap(({ properties }) => properties.DistributionConfig.Origins)
    .filter(({ DomainName }) => DomainName.includes("execute-api"));
  const sends = origins.flatMap(({ OriginCustomHeaders }) =>
    OriginCustomHeaders.filter(({ HeaderName }) => HeaderName === "x-origin-secret"),
  );
  const expected = `{{resolve:secretsmanager:${secret}:SecretString:::}}`;
  return secret !== undefined && sends.length === 1 && sends[0]?.HeaderValue === expected
    ? []
    : [
        `CloudFront sends ${sends[0]?.HeaderValue ?? "no secret"}, and ${handler} asks for ${secret ?? "no secret"}`,
      ];
}
