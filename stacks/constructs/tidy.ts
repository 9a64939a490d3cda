import { stageSettings } from "@cloud-design/stage/preset";
import { CfnResource } from "aws-cdk-lib";
import { type App, Stack } from "sst/constructs";
import { logGroup } from "./log-group.ts";

/**
 * Removes the resources that SST adds to each stack for constructs not used here, and gives the log groups of CDK's own functions a retention.
 */
export function tidy(app: App): void {
  for (const stack of app.node.children) {
    if (!(stack instanceof Stack)) continue;
    stack.node.tryRemoveChild("CustomResourceHandler");
    const helpers = stack.node.findAll().filter(isHelper);
    if (helpers.length === 0) continue;
    const logs = logGroup(stack, "HelperLogs", stageSettings(app.stage));
    for (const helper of helpers)
      helper.addPropertyOverride("LoggingConfig", { LogGroup: logs.logGroupName });
  }
}

/** A function that only a deployment calls. The functions of this project have log groups already. */
function isHelper(construct: unknown): construct is CfnResource {
  return (
    construct instanceof CfnResource &&
    construct.cfnResourceType === "AWS::Lambda::Function" &&
    !("loggingConfig" in construct && construct.loggingConfig)
  );
}
