import type { Handler } from "hono";
import { HttpProblem } from "./problem.ts";

/** The last handler of a path, after those of its methods. */
export function methodNotAllowed(methods: readonly string[]): Handler {
  const allow = methods.join(", ");
  return () => {
    throw new HttpProblem("method-not-allowed", `Use one of ${allow}.`, { headers: { allow } });
  };
}
