import type { AlarmFault } from "../fault.ts";
import { BROKER_FAULTS } from "./broker.ts";
import { DATABASE_FAULTS } from "./databases.ts";
import { FUNCTION_FAULTS } from "./functions.ts";
import { IMPORT_FAULTS } from "./imports.ts";
import { ORDER_FAULTS } from "./orders.ts";
import { SERVICE_FAULTS } from "./services.ts";
import { WEBHOOK_FAULTS } from "./webhooks.ts";

/** Faults that restart most processes come last, because one laboratory serves all of them. */
export const ALARM_FAULTS: readonly AlarmFault[] = [
  ...ORDER_FAULTS,
  ...WEBHOOK_FAULTS,
  ...IMPORT_FAULTS,
  ...BROKER_FAULTS,
  ...DATABASE_FAULTS,
  ...SERVICE_FAULTS,
  ...FUNCTION_FAULTS,
];
