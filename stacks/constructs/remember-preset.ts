import { PRESET_TAG, presetOf } from "@cloud-design/stage/preset";
import { Tags } from "aws-cdk-lib";
import type { App } from "sst/constructs";

/** Tags the stacks with the stage's preset, for the next deployment. CloudFormation passes the tag on to their resources, for the bill. */
export function rememberPreset(app: App): void {
  Tags.of(app).add(PRESET_TAG, presetOf(app.stage), { includeResourceTypes: ["aws:cdk:stack"] });
}
