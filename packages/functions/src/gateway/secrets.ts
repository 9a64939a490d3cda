import { readSecret } from "@cloud-design/core/secrets";
import { type GatewayEnvironment, OrderIdSecret } from "./env.ts";

/** The secrets of the gateway. */
export async function readSecrets(
  environment: Pick<GatewayEnvironment, "ORDER_ID_SECRET" | "ORDER_ID_SECRET_ARN" | "ORIGIN_SECRET_ARN">,
) {
  const { ORDER_ID_SECRET = "", ORDER_ID_SECRET_ARN, ORIGIN_SECRET_ARN } = environment;
  const [orderIdSecret, originSecret] = await Promise.all([
    ORDER_ID_SECRET_ARN === undefined ? ORDER_ID_SECRET : readSecret(ORDER_ID_SECRET_ARN),
    ORIGIN_SECRET_ARN === undefined ? undefined : readSecret(ORIGIN_SECRET_ARN),
  ]);
  if (!OrderIdSecret.safeParse(orderIdSecret).success) {
    throw new Error(`The secret ${ORDER_ID_SECRET_ARN} must have at least 32 characters.`);
  }
  return { orderIdSecret, originSecret };
}
