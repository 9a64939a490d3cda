import type { State } from "./components.ts";

/**
 * The state of the whole platform: down when movies cannot be read and orders cannot be placed, degraded for any other
 * trouble.
 */
export function platformState(parts: Readonly<Record<string, State>>): Exclude<State, "unknown"> {
  if (parts.inventory === "down" && parts["orders-queue"] === "down") return "down";
  return Object.values(parts).every((state) => state === "up") ? "up" : "degraded";
}
