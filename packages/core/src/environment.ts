import type * as z from "zod";

/** Reads the process's settings by their schema; throws one sentence that names every setting that is missing or wrong. */
export function parseEnvironment<T extends z.ZodType>(
  schema: T,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.message})`);
  throw new Error(`The environment lacks or misspells ${problems.join(", ")}.`);
}
