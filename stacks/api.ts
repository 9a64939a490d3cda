import { nameOf } from "@cloud-design/stage/names";
import { settingsOf } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import { CorsHttpMethod, HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { StackContext } from "sst/constructs";
import { createApiDoor } from "./constructs/api-door.ts";

/**
 * The HTTP API, still without routes: CloudFront needs its address, and everything that answers needs CloudFront's. `gateway.ts` fills it.
 */
export function Api({ stack, app }: StackContext) {
  const { corsOrigins } = settingsOf(app.stage);
  const door = createApiDoor(stack);
  const httpApi = new HttpApi(stack, "HttpApi", {
    apiName: nameOf(stack, "api"),
    // The stage is made with the routes, because it throttles them one by one.
    createDefaultStage: false,
    // Mutual TLS belongs to the other name alone, so this one must be closed.
    disableExecuteApiEndpoint: door !== undefined,
    ...(corsOrigins.length > 0 && {
      corsPreflight: {
        allowOrigins: [...corsOrigins],
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.HEAD,
          CorsHttpMethod.POST,
          CorsHttpMethod.PUT,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: ["authorization", "content-type", "idempotency-key", "prefer", "traceparent"],
        exposeHeaders: ["allow", "link", "location", "preference-applied", "retry-after", "traceresponse"],
        maxAge: Duration.hours(1),
      },
    }),
  });
  return {
    httpApi,
    door,
    domainName: door?.name ?? `${httpApi.apiId}.execute-api.${app.region}.amazonaws.com`,
  };
}
