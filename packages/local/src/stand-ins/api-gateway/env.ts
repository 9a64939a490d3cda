import * as z from "zod";
import { LambdaEnvironment } from "../lambda/lambda-function.ts";
import { LOOPBACK, Port } from "../stand-in.ts";

export const ApiGatewayEnvironment = LambdaEnvironment.extend({
  /** `RESERVED_CONCURRENCY` of the function that accepts orders. */
  ORDER_RESERVED_CONCURRENCY: LambdaEnvironment.shape.RESERVED_CONCURRENCY,
  /** Whether routes refuse what exceeds their throttle. A laboratory that measures the parts behind them sets `off`. */
  ROUTE_THROTTLES: z.enum(["on", "off"]).default("on"),
  PORT: Port,
  HOST: z.string().default(LOOPBACK),
  USER_POOL_ID: z.string().min(1),
  CLIENT_IDS: z
    .string()
    .min(1)
    .transform((list) => list.split(",")),
  COGNITO_JWKS_URL: z.url(),
  SITE_URL: z.url().transform((url) => url.replace(/\/$/, "")),
});
/** The environment as `npm start` sets it. */
export type ApiGatewayEnvironment = z.input<typeof ApiGatewayEnvironment>;
