import { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import type * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const BillingEnvironment = ServiceEnvironment.extend(BrokerEnvironment.shape);
/** The environment as a process gets it. */
export type BillingEnvironment = z.input<typeof BillingEnvironment>;
