import * as z from "zod";

/** The process runs. */
export const Live = z.object({ status: z.literal("live") });
export type Live = z.output<typeof Live>;

/** The process can serve. */
export const Ready = z.object({ status: z.literal("ready") });
export type Ready = z.output<typeof Ready>;
