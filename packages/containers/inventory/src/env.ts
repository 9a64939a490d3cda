import * as z from "zod";
import { BrokerEnvironment, ServiceEnvironment } from "../../shared/env.ts";

export const InventoryEnvironment = ServiceEnvironment.extend({
  ...BrokerEnvironment.shape,
  /** The bucket with the files of imports, for which inventory signs. */
  IMPORTS_BUCKET: z.string().min(1),
});
/** The environment as a process gets it. */
export type InventoryEnvironment = z.input<typeof InventoryEnvironment>;
