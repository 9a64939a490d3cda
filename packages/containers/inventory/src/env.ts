import type * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const InventoryEnvironment = ServiceEnvironment;
export type InventoryEnvironment = z.output<typeof InventoryEnvironment>;
