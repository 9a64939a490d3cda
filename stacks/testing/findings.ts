import { basename } from "node:path";
import { CfnGuardValidator } from "@cdklabs/cdk-validator-cfnguard";
import { App, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks, type INagLogger } from "cdk-nag";
import { readStacks } from "./app.ts";

/** A finding of a rule pack against a resource. */
export interface Finding {
  rule: string;
  /** In the rule pack's words. */
  asksFor: string;
  name: string;
  /** The action or resource, where the rule names one. */
  detail: string;
}

/** cdk-nag's AwsSolutions on the templates as deployed, so that the stacks need not know it. */
export function nagFindings(stage: string, directory: string): Finding[] {
  const app = new App();
  return readStacks(stage, directory).flatMap(({ file, scope }, index) => {
    const findings: Finding[] = [];
    const ignore = () => {};
    const logger: INagLogger = {
      onNonCompliance: ({ ruleId, findingId, ruleInfo, resource }) =>
        findings.push({
          rule: ruleId,
          asksFor: ruleInfo,
          name: scope.names.get(resource.node.id) ?? resource.node.id,
          detail: findingId,
        }),
      // A rule that cannot decide counts as a finding.
      onError: ({ ruleId, errorMessage, resource }) =>
        findings.push({ rule: ruleId, asksFor: errorMessage, name: resource.node.path, detail: "undecided" }),
      onCompliance: ignore,
      onNotApplicable: ignore,
      onSuppressed: ignore,
      onSuppressedError: ignore,
    };
    const stack = new Stack(app, `Stack${index}`);
    new CfnInclude(stack, "Template", { templateFile: file });
    const checks = new AwsSolutionsChecks({ additionalLoggers: [logger], reports: false });
    for (const construct of stack.node.findAll()) checks.visit(construct);
    return findings;
  });
}

/** AWS Control Tower's rules, run by cfn-guard. */
export function guardFindings(stage: string, directory: string): Finding[] {
  const stacks = readStacks(stage, directory);
  const validator = new CfnGuardValidator({ maxBuffer: 256 * 1024 * 1024 }); // its answer quotes whole resources
  const { violations } = validator.validate({ templatePaths: stacks.map(({ file }) => file) });
  return violations.flatMap(({ description = "", violatingResources }) => {
    const [, rule = "", asksFor = ""] = /^\[(.+?)\]: (.*)$/s.exec(description) ?? [];
    return violatingResources.map(({ resourceLogicalId, templatePath }) => {
      const stack = stacks.find(({ file }) => file === templatePath);
      return {
        rule,
        asksFor,
        // For a list within a policy the tool does not name the resource.
        name:
          stack?.scope.names.get(resourceLogicalId) ??
          `a resource of ${basename(templatePath, ".template.json")}`,
        detail: "",
      };
    });
  });
}
