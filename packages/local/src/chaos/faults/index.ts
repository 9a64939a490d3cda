import type { Fault } from "../fault.ts";
import { BROKER_FAULTS } from "./broker.ts";

/** In the order of the way of an order. */
export const FAULTS: readonly Fault[] = [...BROKER_FAULTS];
