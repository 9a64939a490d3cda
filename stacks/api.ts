import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Duration } from "aws-cdk-lib";
import { CorsHttpMethod, HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { StackContext } from "sst/constructs";
import { createApiDoor } from "./constructs/api-door.ts";

/**
 * The HTTP API, without its routes: CloudFront needs its address, and every function behind the API needs CloudFront's. `gateway.ts` adds the
 * routes.
 */
export function Api({ stack, app }: StackContext) {
  const { corsOrigins } = stageSettings(app.stage);
  const door = createApiDoor(stack);
  const httpApi = new HttpApi(stack, "HttpApi", {
    apiName: nameOf(stack, "api"),
    // The stage is made together with the routes, because it throttles each of them.
    createDefaultStage: false,
    // Mutual TLS holds for the custom domain only, so the default endpoint must be closed.
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
