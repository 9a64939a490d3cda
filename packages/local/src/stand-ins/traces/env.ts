import { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import * as z from "zod";
import { Port } from "../stand-in.ts";

export const TracesEnvironment = z.object({
  PORT: Port,
  STATE_DIRECTORY: z.string().min(1),
  /** The directory of the description of the platform. */
  PLATFORM_DIRECTORY: z.string().min(1),
  SITE_URL: z.url(),
  AWS_REGION: z.string().min(1),
  AMQP_URL: z.url(),
  ORDERS_QUEUE_URLS: LaneUrls,
  DEAD_LETTERS_QUEUE_URL: z.url(),
  /** One for each process of billing. */
  BILLING_METRICS_URLS: z
    .string()
    .transform((urls) => urls.split(","))
    .pipe(z.array(z.url())),
});
/** The environment as `npm start` sets it. */
export type TracesEnvironment = z.input<typeof TracesEnvironment>;
