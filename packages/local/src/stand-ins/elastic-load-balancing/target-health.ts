import { TARGET_GROUP } from "@cloud-design/containers/target-group";

/** Opinion of the balancer about a target, from its health checks. */
export interface TargetHealth {
  state: "initial" | "healthy" | "unhealthy";
  /** The last results in a row that contradict the state. */
  contradictions: number;
}

export const INITIAL: TargetHealth = { state: "initial", contradictions: 0 };

/**
 * The health after one more check. A new target needs one success; later changes need as many results in a row as the thresholds say (Elastic
 * Load Balancing, "Health checks for Application Load Balancer target groups").
 */
export function afterCheck({ state, contradictions }: TargetHealth, isPassed: boolean): TargetHealth {
  if (isPassed ? state === "healthy" : state === "unhealthy") return { state, contradictions: 0 };
  if (isPassed && state === "initial") return { state: "healthy", contradictions: 0 };
  const threshold = isPassed ? TARGET_GROUP.healthyThreshold : TARGET_GROUP.unhealthyThreshold;
  if (contradictions + 1 < threshold) return { state, contradictions: contradictions + 1 };
  return { state: isPassed ? "healthy" : "unhealthy", contradictions: 0 };
}

/** The target for this turn: the healthy ones take turns. If no target is healthy, all do, as the balancer of AWS "fails open". */
export function targetOf<T extends { health: TargetHealth }>(
  targets: readonly T[],
  turn: number,
): T | undefined {
  const healthy = targets.filter(({ health }) => health.state === "healthy");
  const inService = healthy.length > 0 ? healthy : targets;
  return inService[turn % inService.length];
}
