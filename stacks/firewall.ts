import { ArnFormat } from "aws-cdk-lib";
import { CfnLoggingConfiguration, CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { StackContext } from "sst/constructs";
import { logGroup } from "./shared/log-group.ts";
import { nameOf } from "./shared/names.ts";
import { REQUESTS_MAX } from "./shared/request-limits.ts";
import { settingsOf } from "./stages.ts";

/** AWS's rules, and what they would do to good requests: these only count. */
const MANAGED_RULES = [
  { name: "AWSManagedRulesAmazonIpReputationList", countOnly: [] },
  { name: "AWSManagedRulesKnownBadInputsRuleSet", countOnly: [] },
  {
    name: "AWSManagedRulesCommonRuleSet",
    // A movie may be 256 KB, where the rule ends at 8; and programs may call without a User-Agent.
    countOnly: ["SizeRestrictions_BODY", "NoUserAgent_HEADER"],
  },
] as const;

/** The firewall before CloudFront: $5 a month and $1 for each rule. It lives in us-east-1; a stage elsewhere names one by WEB_ACL_ARN. */
export function Firewall({ stack, app }: StackContext) {
  const webAcl = new CfnWebACL(stack, "WebAcl", {
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    visibilityConfig: visibilityOf("all"),
    rules: [
      {
        name: "requests-per-address",
        priority: 0,
        action: { block: {} },
        statement: { rateBasedStatement: { aggregateKeyType: "IP", limit: REQUESTS_MAX } },
        visibilityConfig: visibilityOf("requests-per-address"),
      },
      ...MANAGED_RULES.map(({ name, countOnly }, index) => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name,
            ruleActionOverrides: countOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visibilityOf(name),
      })),
    ],
  });
  // AWS WAF takes no other name than one that begins so.
  const logs = logGroup(stack, "Logs", settingsOf(app.stage), `aws-waf-logs-${nameOf(stack, "edge")}`);
  new CfnLoggingConfiguration(stack, "Logging", {
    resourceArn: webAcl.attrArn,
    // Without the `:*` that CloudFormation puts behind a log group's ARN.
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
