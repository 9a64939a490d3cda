import { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { LaneUrls } from "../shared/lane-urls.ts";

export const OrderBridgeEnvironment = z.object({
  ...BrokerEnvironment.shape,
  ORDERS_QUEUE_URLS: LaneUrls,
  ...TelemetryEnvironment.shape,
});
/** The environment as the stack sets it. */
export type OrderBridgeEnvironment = z.input<typeof OrderBridgeEnvironment>;
