import * as z from "zod";

/** The ARN of a secret that is read when it is needed, so that its value is never in the environment. */
export const SecretArn = z.string().startsWith("arn:", "must be the ARN of a secret");

/** Parses the environment by its schema. Throws one sentence that names every setting that is missing or wrong. */
export function parseEnvironment<T extends z.ZodType>(
  schema: T,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.message})`);
  throw new Error(`The environment lacks or misspells ${problems.join(", ")}.`);
}
