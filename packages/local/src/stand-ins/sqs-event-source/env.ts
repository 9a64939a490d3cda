import { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import * as z from "zod";
import { LambdaEnvironment } from "../lambda/lambda-function.ts";

const EventSource = LambdaEnvironment.extend({ AWS_REGION: z.string().min(1) });

export const EventSourceEnvironment = EventSource.extend({ ORDERS_QUEUE_URLS: LaneUrls });
export const FilesSourceEnvironment = EventSource.extend({ IMPORTS_QUEUE_URL: z.url() });
export const ChunksSourceEnvironment = EventSource.extend({ IMPORT_CHUNKS_QUEUE_URL: z.url() });
export const DeliveriesSourceEnvironment = EventSource.extend({ WEBHOOK_DELIVERIES_URL: z.url() });
/** The environments as `npm start` sets them. */
export type EventSourceEnvironment = z.input<typeof EventSourceEnvironment>;
export type FilesSourceEnvironment = z.input<typeof FilesSourceEnvironment>;
export type ChunksSourceEnvironment = z.input<typeof ChunksSourceEnvironment>;
export type DeliveriesSourceEnvironment = z.input<typeof DeliveriesSourceEnvironment>;
