import type * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const InventoryEnvironment = ServiceEnvironment;
/** As a process is given it. */
export type InventoryEnvironment = z.input<typeof InventoryEnvironment>;
