import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

export const FOLDER = join(import.meta.dirname, "../../.github/workflows");

const Permissions = z.record(z.string(), z.string());
const Step = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
});
export type Step = z.output<typeof Step>;
const Job = z.object({
  uses: z.string().optional(),
  if: z.string().optional(),
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  permissions: Permissions.optional(),
  environment: z.string().optional(),
  "timeout-minutes": z.number().optional(),
  concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }).optional(),
  steps: z.array(Step).default([]),
});
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  jobs: z.record(z.string(), Job),
});

/** A workflow file, as far as these tests read it. */
export function workflowOf(name: string): z.output<typeof Workflow> {
  return Workflow.parse(parse(readFileSync(join(FOLDER, name), "utf8")));
}
