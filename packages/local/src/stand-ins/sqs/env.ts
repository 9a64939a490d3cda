import * as z from "zod";
import { Port } from "../stand-in.ts";

export const SqsEnvironment = z.object({
  PORT: Port,
  STATE_DIRECTORY: z.string().min(1),
  AWS_REGION: z.string().min(1),
});
/** The environment as `npm start` sets it. */
export type SqsEnvironment = z.input<typeof SqsEnvironment>;
