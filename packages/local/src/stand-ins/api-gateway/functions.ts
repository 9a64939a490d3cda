import { ORDER_ROUTE } from "@cloud-design/functions/gateway/routes";
import { type LambdaFunction, lambdaFunction } from "../lambda/lambda-function.ts";
import type { GatewayEvent } from "./to-event.ts";

/** The time-out of both functions: no request takes longer. */
const FUNCTION_SECONDS = 10;

interface Functions {
  handler: LambdaFunction<GatewayEvent, unknown>["handler"];
  /** The concurrency of each function; without a number it has no limit. */
  concurrency: { orders?: number | undefined; others?: number | undefined };
}

/** The two functions behind the API, as in stacks/gateway.ts: the same code twice, and each has its own concurrency. */
export function apiFunctions({ handler, concurrency }: Functions): (event: GatewayEvent) => Promise<unknown> {
  const common = { timeoutSeconds: FUNCTION_SECONDS, handler };
  const orders = lambdaFunction({ ...common, name: "order-gateway", concurrencyMax: concurrency.orders });
  const others = lambdaFunction({ ...common, name: "gateway", concurrencyMax: concurrency.others });
  return (event) => (event.routeKey === ORDER_ROUTE ? orders(event) : others(event));
}
