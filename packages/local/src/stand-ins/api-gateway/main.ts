import { parseEnvironment } from "@cloud-design/core/environment";
import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { issuerOf } from "../cognito/issuer.ts";
import type { LambdaFunction } from "../lambda/lambda-function.ts";
import { drain, listen, runStandIn } from "../stand-in.ts";
import { createAuthorizer } from "./authorizer.ts";
import { ApiGatewayEnvironment } from "./env.ts";
import { apiFunctions } from "./functions.ts";
import { createGateway } from "./server.ts";
import { tokenBuckets, unthrottled } from "./throttle.ts";
import type { GatewayEvent } from "./to-event.ts";

/** Longer than any request, and short enough for a person who pressed Ctrl-C. */
const DRAIN_SECONDS = 12;

await runStandIn("api-gateway", async (log) => {
  const environment = parseEnvironment(ApiGatewayEnvironment);
  // Imported here and not above: the module reads its own settings, and a missing one must be named in the same sentence.
  const { handler } = await import("@cloud-design/functions/gateway");
  const server = createGateway({
    routes: apiGatewayRoutes(),
    mayPass: environment.ROUTE_THROTTLES === "on" ? tokenBuckets() : unthrottled,
    authorize: createAuthorizer({
      issuer: issuerOf(environment.USER_POOL_ID),
      clientIds: environment.CLIENT_IDS,
      jwksUrl: environment.COGNITO_JWKS_URL,
      log,
    }),
    invoke: apiFunctions({
      concurrency: {
        orders: environment.ORDER_RESERVED_CONCURRENCY,
        others: environment.RESERVED_CONCURRENCY,
      },
      // Hono has its own types for the event; they differ in which fields may be null.
      handler: handler as unknown as LambdaFunction<GatewayEvent, unknown>["handler"],
    }),
    siteUrl: environment.SITE_URL,
    log,
  });
  log.info({ port: await listen(server, environment.PORT, environment.HOST) }, "listening");
  return () => drain(server, DRAIN_SECONDS);
});
