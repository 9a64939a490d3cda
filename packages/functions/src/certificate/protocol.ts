import * as z from "zod";

/** What a deployment and the schedule ask for. */
export const Wanted = z.object({
  /** Under which the balancer is called. */
  names: z.array(z.string().min(1)).min(1),
  /** Another one makes a new authority. */
  generation: z.string().min(1),
});
export type Wanted = z.output<typeof Wanted>;

/** From the schedule: the same certificate with another key and a later end. */
export const Renewal = Wanted.extend({ certificateArn: z.string().startsWith("arn:") });
export type Renewal = z.output<typeof Renewal>;
