import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { EDGE_REGION } from "@cloud-design/stage/regions";
import { REQUESTS_MAX } from "@cloud-design/stage/request-limits";
import { ArnFormat } from "aws-cdk-lib";
import { CfnLoggingConfiguration, CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { StackContext } from "sst/constructs";
import { blockedAs, MANAGED_RULES, RETRY_AFTER_SECONDS, refusalBodies } from "./constructs/firewall-rules.ts";
import { logGroup } from "./constructs/log-group.ts";
import { firewallName } from "./watch/metrics.ts";

/** Whether the stage makes its web ACL. In another region it can only name one. */
export function hasOwnFirewall({ stage, region }: { stage: string; region: string }): boolean {
  return region === EDGE_REGION && stageSettings(stage).hasFirewall;
}

/**
 * The firewall before CloudFront: $5 a month and $1 for each rule. It must be in us-east-1; a stage in another region names one by WEB_ACL_ARN, and
 * deploys this stack there alone, so that it may need no other.
 */
export function Firewall({ stack, app }: StackContext) {
  const webAcl = new CfnWebACL(stack, "WebAcl", {
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    customResponseBodies: refusalBodies(),
    visibilityConfig: visibilityOf(firewallName(stack)),
    rules: [
      {
        name: "requests-per-address",
        priority: 0,
        action: blockedAs("too-many-requests", { "retry-after": String(RETRY_AFTER_SECONDS) }),
        statement: { rateBasedStatement: { aggregateKeyType: "IP", limit: REQUESTS_MAX } },
        visibilityConfig: visibilityOf("requests-per-address"),
      },
      ...MANAGED_RULES.map(({ name, blocks, counts }, index) => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name,
            ruleActionOverrides: [
              ...Object.keys(counts).map((rule) => ({ name: rule, actionToUse: { count: {} } })),
              ...blocks.map((rule) => ({ name: rule, actionToUse: blockedAs("request-blocked") })),
            ],
          },
        },
        visibilityConfig: visibilityOf(name),
      })),
    ],
  });
  // AWS WAF requires this prefix.
  const logs = logGroup(stack, "Logs", stageSettings(app.stage), `aws-waf-logs-${nameOf(stack, "edge")}`);
  new CfnLoggingConfiguration(stack, "Logging", {
    resourceArn: webAcl.attrArn,
    // Without the `:*` at the end of a log group's ARN in CloudFormation.
    logDestinationConfigs: [
      stack.formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: logs.logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
    redactedFields: [{ singleHeader: { Name: "authorization" } }],
    loggingFilter: {
      DefaultBehavior: "DROP",
      Filters: [
        {
          Behavior: "KEEP",
          Requirement: "MEETS_ANY",
          Conditions: [{ ActionCondition: { Action: "BLOCK" } }, { ActionCondition: { Action: "COUNT" } }],
        },
      ],
    },
  });
  stack.addOutputs({ WebAclArn: webAcl.attrArn });
  return { webAclArn: webAcl.attrArn };
}

function visibilityOf(metricName: string) {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
