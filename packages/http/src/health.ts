import * as z from "zod";

/** The answer of liveness: the process runs. */
export const Live = z.object({ status: z.literal("live") });
export type Live = z.output<typeof Live>;

/** The answer of readiness: the process can serve requests. */
export const Ready = z.object({ status: z.literal("ready") });
export type Ready = z.output<typeof Ready>;
