import { environmentOf } from "@cloud-design/stage/environment";
import { PRESET_TAG, presetOf, WITH_TAG } from "@cloud-design/stage/preset";
import { Tags } from "aws-cdk-lib";
import type { App } from "sst/constructs";

/** Tags the stacks with what the stage is made of, for the next deployment. CloudFormation passes the tags on to their resources, for the bill. */
export function rememberPreset(app: App): void {
  const remember = (key: string, value: string) =>
    Tags.of(app).add(key, value, { includeResourceTypes: ["aws:cdk:stack"] });
  remember(PRESET_TAG, presetOf(app.stage));
  const { WITH = "none" } = environmentOf();
  if (WITH !== "none") remember(WITH_TAG, WITH);
}
