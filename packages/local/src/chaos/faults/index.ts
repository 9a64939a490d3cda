import type { Fault } from "../fault.ts";
import { BROKER_FAULTS } from "./broker.ts";
import { QUEUE_FAULTS } from "./queue.ts";

/** In the order of the way of an order. */
export const FAULTS: readonly Fault[] = [...QUEUE_FAULTS, ...BROKER_FAULTS];
