import * as z from "zod";

/** Names a secret that is read when it is needed, so that its value stands in no environment. */
export const SecretArn = z.string().startsWith("arn:", "must be the ARN of a secret");

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
