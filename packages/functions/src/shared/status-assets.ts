import * as z from "zod";

/** The names of the page's style sheet and script, as a deployment writes them. */
export const Assets = z.object({ css: z.string(), script: z.string() });
