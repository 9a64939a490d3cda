import { buildSite } from "@cloud-design/site/site-directory";
import type { TestProject } from "vitest/node";
import { presetOfStage } from "./app.ts";
import { startAwsStub } from "./aws-stub.ts";
import { buildTemplates, createSstRoot } from "./sst-run.ts";

/** One stage of each preset. */
export const STAGES = ["prod", "dev", "learner"] as const;
export type StageName = (typeof STAGES)[number];

declare module "vitest" {
  interface ProvidedContext {
    /** The directory of each stage's templates. */
    outputs: Record<StageName, string>;
    /** The questions that `sst build` asked AWS. */
    askedOfAws: string[];
  }
}

/** Runs the real `sst build` for all stages, once and in parallel, for all tests of the stacks. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Otherwise both stages would build the same pages at the same time.
  await buildSite(() => {});
  await using aws = await startAwsStub();
  await using roots = new AsyncDisposableStack();
  const builds = await Promise.allSettled(
    STAGES.map(async (stage) => {
      const root = roots.use(await createSstRoot());
      return [stage, await buildTemplates(root, stage, aws.url, { PRESET: presetOfStage(stage) })] as const;
    }),
  );
  const outputs = builds.map((build) => {
    if (build.status === "rejected") throw build.reason;
    return build.value;
  });
  project.provide("outputs", Object.fromEntries(outputs) as Record<StageName, string>);
  project.provide("askedOfAws", [...aws.asked]);
  const kept = roots.move();
  return () => kept.disposeAsync();
}
