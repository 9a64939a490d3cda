import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";

/** The input from a deployment and from the schedule. */
export const Wanted = z.object({
  /** The host names of the load balancer. */
  names: z.array(z.string().min(1)).min(1),
  /** The broker's host names, and the secret that gets its certificate and key; absent where Amazon MQ brings its own. */
  broker: z.object({ names: z.array(z.string().min(1)).min(1), secretArn: SecretArn }).optional(),
  /** A new value makes a new authority. */
  generation: z.string().min(1),
});
export type Wanted = z.output<typeof Wanted>;

/** From the schedule: renews this certificate with a new key and a later end. */
export const Renewal = Wanted.extend({ certificateArn: z.string().startsWith("arn:") });
export type Renewal = z.output<typeof Renewal>;
