import { type App, readApp } from "@cloud-design/stacks/testing/app";
import { startAwsStub } from "@cloud-design/stacks/testing/aws-stub";
import { buildTemplates, createSstRoot } from "@cloud-design/stacks/testing/sst-run";

/** The stage whose alarms are tested: those of the other stages differ in a threshold or two. */
const ALARMS_OF = "prod";

/** The stage as `sst build` writes it, without an account and without a network. Takes some 20 s. */
export async function buildApp(stage = ALARMS_OF): Promise<App> {
  await using aws = await startAwsStub();
  await using root = await createSstRoot();
  return readApp(stage, await buildTemplates(root, stage, aws.url));
}
