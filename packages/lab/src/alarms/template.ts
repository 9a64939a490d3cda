import { join } from "node:path";
import { type App, readApp } from "@cloud-design/stacks/testing/app";
import { startAwsStub } from "@cloud-design/stacks/testing/aws-stub";
import { createSstRoot } from "@cloud-design/stacks/testing/sst-run";

/** The stage whose alarms are tested: those of the other stages differ in a threshold or two. */
const STAGE = "prod";

/** The stage as `sst build` writes it, without an account and without a network. Takes some 20 s. */
export async function buildApp(): Promise<App> {
  await using aws = await startAwsStub();
  await using root = await createSstRoot();
  const output = join(root.directory, "out");
  await root.sst(["build", "--stage", STAGE, "--to", output], { AWS_ENDPOINT_URL: aws.url });
  return readApp(STAGE, output);
}
