import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Log } from "@cloud-design/core/log";
import { DeadlineError, withDeadline } from "@cloud-design/core/retry";
import type { Route } from "@cloud-design/functions/gateway/routes";
import { HttpProblem, problem } from "@cloud-design/http";
import { createProblemServer } from "@cloud-design/http/server";
import type { Context } from "aws-lambda";
import { lambdaContext } from "../lambda-context.ts";
import type { Authorizer } from "./authorizer.ts";
import { fromResult } from "./from-result.ts";
import { readBody, targetOf } from "./read-request.ts";
import { send } from "./respond.ts";
import { createRouter, pathSegments } from "./router.ts";
import { type GatewayEvent, toEvent } from "./to-event.ts";

/** Of an HTTP API: request line and headers together. */
const HEADERS_BYTES_MAX = 10_240;

export interface GatewayDependencies {
  routes: readonly Route[];
  authorize: Authorizer;
  handler(event: GatewayEvent, context: Context): Promise<unknown>;
  /** The function's time-out. */
  handlerSeconds: number;
  siteUrl: string;
  log: Log;
}

/** An API Gateway HTTP API in front of one Lambda function. Every refusal of its own is a problem (RFC 9457). */
export function createGateway(gateway: GatewayDependencies): Server {
  const match = createRouter(gateway.routes);
  const options = { siteUrl: gateway.siteUrl, maxHeaderSize: HEADERS_BYTES_MAX };
  const server = createProblemServer(options, (request, response) => {
    const requestId = randomUUID();
    void answer(gateway, match, request, requestId)
      .catch((error: unknown) => toProblem(gateway, error, requestId))
      .then((result) => {
        result.headers.set("apigw-requestid", requestId);
        if (!server.listening) result.headers.set("connection", "close");
        return send(result, response);
      })
      .catch((error: unknown) => {
        gateway.log.error({ err: error, request_id: requestId }, "an answer could not be sent");
        response.destroy();
      });
  });
  return server;
}

async function answer(
  gateway: GatewayDependencies,
  match: ReturnType<typeof createRouter>,
  request: IncomingMessage,
  requestId: string,
): Promise<Response> {
  // First: an answer on a connection that is still being written to gets lost.
  const body = await readBody(request);
  const { path, query } = targetOf(request);
  const segments = pathSegments(path);
  if (segments === undefined) throw new HttpProblem("invalid-request", "The path is not well encoded.");
  const matched = match(request.method ?? "", segments);
  if (!matched) throw new HttpProblem("not-found", "There is nothing at this path.");
  const authorization = request.headersDistinct.authorization?.join(",");
  const jwt = await gateway.authorize(authorization, matched.route.access);
  const event = toEvent({ request, segments, query, body, match: matched, jwt, requestId });
  return fromResult(await invoke(gateway, event));
}

async function invoke(
  { handler, handlerSeconds }: GatewayDependencies,
  event: GatewayEvent,
): Promise<unknown> {
  // Through JSON, as on the way to Lambda: nothing but data passes.
  const passed: GatewayEvent = JSON.parse(JSON.stringify(event));
  return withDeadline(
    handler(passed, lambdaContext("gateway", handlerSeconds)),
    handlerSeconds,
    "The gateway",
  );
}

function toProblem({ siteUrl, log }: GatewayDependencies, error: unknown, requestId: string): Response {
  if (error instanceof HttpProblem) {
    return problem(siteUrl, error.code, error.message, error.options);
  }
  log.error({ err: error, request_id: requestId }, "the function failed");
  if (error instanceof DeadlineError) {
    return problem(siteUrl, "unavailable", "The request took too long.", { headers: { "retry-after": "1" } });
  }
  return problem(siteUrl, "internal", "The request failed for a reason that we have logged.");
}
