import { parseEnvironment } from "@cloud-design/core/environment";
import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import * as z from "zod";
import { issuerOf } from "../cognito/issuer.ts";
import { LambdaEnvironment, type LambdaFunction, lambdaFunction } from "../lambda/lambda-function.ts";
import { drain, LOOPBACK, listen, runStandIn } from "../stand-in.ts";
import { createAuthorizer } from "./authorizer.ts";
import { createGateway } from "./server.ts";
import type { GatewayEvent } from "./to-event.ts";

/** The time-out of the Lambda function: no request takes longer. */
const FUNCTION_SECONDS = 10;
/** Longer than any request, and short enough for a person who pressed Ctrl-C. */
const DRAIN_SECONDS = 12;

const Environment = LambdaEnvironment.extend({
  PORT: z.coerce.number().int().min(0).max(65_535),
  HOST: z.string().default(LOOPBACK),
  USER_POOL_ID: z.string().min(1),
  CLIENT_IDS: z
    .string()
    .min(1)
    .transform((list) => list.split(",")),
  COGNITO_JWKS_URL: z.url(),
  SITE_URL: z.url().transform((url) => url.replace(/\/$/, "")),
});

await runStandIn("api-gateway", async (log) => {
  const environment = parseEnvironment(Environment);
  // Imported here and not above: the module reads its own settings, and a missing one must be named in the same sentence.
  const { handler } = await import("@cloud-design/functions/gateway");
  const server = createGateway({
    routes: apiGatewayRoutes(),
    authorize: createAuthorizer({
      issuer: issuerOf(environment.USER_POOL_ID),
      clientIds: environment.CLIENT_IDS,
      jwksUrl: environment.COGNITO_JWKS_URL,
      log,
    }),
    invoke: lambdaFunction({
      name: "gateway",
      timeoutSeconds: FUNCTION_SECONDS,
      concurrencyMax: environment.RESERVED_CONCURRENCY,
      // Hono has its own types for the event; they differ in which fields may be null.
      handler: handler as unknown as LambdaFunction<GatewayEvent, unknown>["handler"],
    }),
    siteUrl: environment.SITE_URL,
    log,
  });
  log.info({ port: await listen(server, environment.PORT, environment.HOST) }, "listening");
  return () => drain(server, DRAIN_SECONDS);
});
