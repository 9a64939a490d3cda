import type { Fault } from "../fault.ts";
import { BROKER_FAULTS } from "./broker.ts";
import { BROKER_QUEUE_FAULTS } from "./broker-queue.ts";
import { CALLER_FAULTS } from "./callers.ts";
import { DATABASE_FAULTS } from "./database.ts";
import { DATABASE_SESSION_FAULTS } from "./database-sessions.ts";
import { DEAD_LETTER_FAULTS } from "./dead-letter-replay.ts";
import { EDGE_FAULTS } from "./edge.ts";
import { EVENT_FAULTS } from "./events.ts";
import { IDENTITY_FAULTS } from "./identity.ts";
import { IMPORT_FAULTS } from "./imports.ts";
import { LANE_FAULTS } from "./lanes.ts";
import { LEADER_FAULTS } from "./leader.ts";
import { ODD_MESSAGE_FAULTS } from "./odd-messages.ts";
import { OPERATIONS_FAULTS } from "./operations.ts";
import { PROCESS_FAULTS } from "./processes.ts";
import { QUEUE_FAULTS } from "./queue.ts";
import { SHUTDOWN_FAULTS } from "./shutdown.ts";

/** In the order of an order's hops. */
export const FAULTS: readonly Fault[] = [
  ...EDGE_FAULTS,
  ...IDENTITY_FAULTS,
  ...PROCESS_FAULTS,
  ...BROKER_FAULTS,
  ...BROKER_QUEUE_FAULTS,
  ...QUEUE_FAULTS,
  ...LANE_FAULTS,
  ...ODD_MESSAGE_FAULTS,
  ...DEAD_LETTER_FAULTS,
  ...DATABASE_FAULTS,
  ...DATABASE_SESSION_FAULTS,
  ...LEADER_FAULTS,
  ...EVENT_FAULTS,
  ...SHUTDOWN_FAULTS,
  ...OPERATIONS_FAULTS,
  ...IMPORT_FAULTS,
  ...CALLER_FAULTS,
];
