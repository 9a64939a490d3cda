import { type ISecurityGroup, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";

/**
 * A security group that no construct adds rules to. All rules are in the network stack: a rule that named a port of another stack's resource
 * would make the two stacks depend on each other.
 */
export function fixedGroup(scope: Construct, id: string, group: ISecurityGroup): ISecurityGroup {
  return SecurityGroup.fromSecurityGroupId(scope, id, group.securityGroupId, { mutable: false });
}
