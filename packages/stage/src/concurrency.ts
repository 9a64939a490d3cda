import { environmentOf } from "./environment.ts";
import { stageSettings } from "./preset.ts";

/**
 * The reserved concurrency of the functions behind the API; undefined for a share of the account's, of which a new account has ten. All others must
 * then leave enough of it.
 */
export function reservedConcurrency(stage: string): Record<"gateway" | "orderGateway", number | undefined> {
  if (environmentOf().CONCURRENCY === "SHARED") return { gateway: undefined, orderGateway: undefined };
  const { gatewayConcurrency, orderGatewayConcurrency } = stageSettings(stage);
  return { gateway: gatewayConcurrency, orderGateway: orderGatewayConcurrency };
}
