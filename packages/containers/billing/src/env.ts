import type * as z from "zod";
import { BrokerEnvironment, ServiceEnvironment } from "../../shared/env.ts";

export const BillingEnvironment = ServiceEnvironment.extend(BrokerEnvironment.shape);
/** The environment as a process gets it. */
export type BillingEnvironment = z.input<typeof BillingEnvironment>;
