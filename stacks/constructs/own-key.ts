import type { StageSettings } from "@cloud-design/stage/settings";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Stack } from "sst/constructs";
import { removalPolicyOf } from "./log-group.ts";

/** The stack's key of KMS ($1 a month), in a stage that has keys of its own. */
export function ownKey(stack: Stack, description: string, settings: StageSettings): Key | undefined {
  if (!settings.hasOwnKeys) return undefined;
  return new Key(stack, "Key", {
    description,
    enableKeyRotation: true,
    removalPolicy: removalPolicyOf(settings),
  });
}
