import * as z from "zod";
import { LOOPBACK, Port } from "../stand-in.ts";

export const CloudFrontEnvironment = z.object({
  PORT: Port,
  S3_PORT: Port,
  HOST: z.string().default(LOOPBACK),
  AWS_REGION: z.string().min(1),
  STATE_DIRECTORY: z.string().min(1),
  GATEWAY_LOG: z.string().min(1),
  /** Where S3 sends its events about the files of imports. */
  IMPORTS_QUEUE_URL: z.url(),
  SITE_DIRECTORY: z.string().min(1),
  MOVED_PORTS: z.string().transform((json) => z.record(z.string(), z.number()).parse(JSON.parse(json))),
  GATEWAY_URL: z.url(),
  TELEMETRY_URL: z.url(),
  SITE_URL: z.url().transform((url) => url.replace(/\/$/, "")),
});
/** The environment as `npm start` sets it. */
export type CloudFrontEnvironment = z.input<typeof CloudFrontEnvironment>;
