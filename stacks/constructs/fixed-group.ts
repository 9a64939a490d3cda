import { type ISecurityGroup, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";

/**
 * A group that no construct adds rules to: all of them stand in the network stack, and a rule that named a port of another stack's
 * resource would make the two stacks depend on each other.
 */
export function fixedGroup(scope: Construct, id: string, group: ISecurityGroup): ISecurityGroup {
  return SecurityGroup.fromSecurityGroupId(scope, id, group.securityGroupId, { mutable: false });
}
