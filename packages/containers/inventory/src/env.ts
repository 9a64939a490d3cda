import type * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const InventoryEnvironment = ServiceEnvironment;
/** The environment as a process gets it. */
export type InventoryEnvironment = z.input<typeof InventoryEnvironment>;
