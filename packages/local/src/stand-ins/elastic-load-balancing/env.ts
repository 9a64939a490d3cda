import * as z from "zod";
import { Port } from "../stand-in.ts";

export const LoadBalancerEnvironment = z.object({
  PORT: Port,
  /** The ports of the processes behind it. */
  TARGETS: z
    .string()
    .transform((ports) => ports.split(","))
    .pipe(z.array(Port)),
  /** The socket on which it takes and gives up targets. */
  SOCKET: z.string().min(1),
});
/** The environment as `npm start` sets it. */
export type LoadBalancerEnvironment = z.input<typeof LoadBalancerEnvironment>;
