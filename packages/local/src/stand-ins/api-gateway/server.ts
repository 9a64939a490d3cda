import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Log } from "@cloud-design/core/log";
import { DeadlineError } from "@cloud-design/core/retry";
import type { Route } from "@cloud-design/functions/gateway/routes";
import { HttpProblem, nothingAt, problem } from "@cloud-design/http";
import { createProblemServer } from "@cloud-design/http/server";
import { ThrottledError } from "../lambda/lambda-function.ts";
import { type Exchange, noteAccess } from "./access-log.ts";
import type { Authorizer } from "./authorizer.ts";
import { fromResult } from "./from-result.ts";
import { readBody, targetOf } from "./read-request.ts";
import { send } from "./respond.ts";
import { createRouter, pathSegments } from "./router.ts";
import type { Throttling } from "./throttle.ts";
import { type GatewayEvent, toEvent } from "./to-event.ts";

/** The limit of an HTTP API for the request line and headers together. */
const HEADERS_BYTES_MAX = 10_240;

/** Like API Gateway's own answer, it has no Retry-After. */
const THROTTLED = "More requests came than this route takes in a second. Wait a second or more, then repeat.";

export interface GatewayDependencies {
  routes: readonly Route[];
  /** The throttles of the routes. */
  mayPass: Throttling;
  authorize: Authorizer;
  /** Runs the function. */
  invoke(event: GatewayEvent): Promise<unknown>;
  siteUrl: string;
  log: Log;
}

/** An API Gateway HTTP API in front of Lambda functions. It answers its own refusals as problems (RFC 9457). */
export function createGateway(gateway: GatewayDependencies): Server {
  const match = createRouter(gateway.routes);
  const { siteUrl } = gateway;
  const options = { siteUrl, visitors: "local", maxHeaderSize: HEADERS_BYTES_MAX } as const;
  const server = createProblemServer(options, (request, response) => {
    const requestId = randomUUID();
    const exchange: Exchange = { requestId, startedAt: performance.now() };
    void answer(gateway, match, request, exchange)
      .catch((error: unknown) => toProblem(gateway, error, requestId))
      .then(async (result) => {
        result.headers.set("apigw-requestid", requestId);
        if (!server.listening) result.headers.set("connection", "close");
        noteAccess(request, exchange, { status: result.status, bytes: await send(result, response) });
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
  exchange: Exchange,
): Promise<Response> {
  // First: an answer on a connection on which the client is still sending gets lost.
  const body = await readBody(request);
  const { path, query } = targetOf(request);
  const segments = pathSegments(path);
  if (segments === undefined) throw new HttpProblem("invalid-request", "The path is not well encoded.");
  const matched = match(request.method ?? "", segments);
  if (!matched) throw nothingAt(gateway.siteUrl, path, request.headers.accept);
  exchange.route = matched.route.key;
  // Before the token: AWS does not say which comes first, and a throttle that counted only good tokens would promise more.
  if (!gateway.mayPass(matched.route)) throw new HttpProblem("too-many-requests", THROTTLED);
  const authorization = request.headersDistinct.authorization?.join(",");
  const jwt = await gateway.authorize(authorization, matched.route.access).catch((error: Error) => {
    exchange.authorizerError = error.message;
    throw error;
  });
  const { requestId } = exchange;
  return integrate(
    gateway,
    toEvent({ request, segments, query, body, match: matched, jwt, requestId }),
    exchange,
  );
}

async function integrate(
  { invoke }: GatewayDependencies,
  event: GatewayEvent,
  exchange: Exchange,
): Promise<Response> {
  const startedAt = performance.now();
  try {
    // Through JSON, as on the way to Lambda: only data passes.
    return fromResult(await invoke(JSON.parse(JSON.stringify(event))));
  } catch (error) {
    exchange.integrationError = String(error);
    throw error;
  } finally {
    exchange.integrationMs = Math.round(performance.now() - startedAt);
  }
}

function toProblem({ siteUrl, log }: GatewayDependencies, error: unknown, requestId: string): Response {
  if (error instanceof HttpProblem) {
    return problem(siteUrl, error.code, error.message, error.options);
  }
  log.error({ err: error, request_id: requestId }, "the function failed");
  if (error instanceof DeadlineError) {
    return problem(siteUrl, "unavailable", "The request took too long.");
  }
  if (error instanceof ThrottledError) {
    return problem(siteUrl, "unavailable", "The platform is busy.");
  }
  return problem(siteUrl, "internal", "The request failed for a reason that we have logged.");
}
