import * as z from "zod";

export const EventBridgeEnvironment = z.object({ INTERVAL_SECONDS: z.coerce.number<string>().int().min(1) });
/** The environment as `npm start` sets it. */
export type EventBridgeEnvironment = z.input<typeof EventBridgeEnvironment>;
