import type { State } from "./components.ts";

/**
 * The platform as one state, from those of its parts. It is down when movies cannot be read and orders cannot be placed; any other trouble
 * makes it degraded.
 */
export function platformState(parts: Readonly<Record<string, State>>): Exclude<State, "unknown"> {
  if (parts.inventory === "down" && parts["orders-queue"] === "down") return "down";
  return Object.values(parts).every((state) => state === "up") ? "up" : "degraded";
}
