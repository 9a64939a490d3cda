import { stageSettings } from "@cloud-design/stage/preset";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import { ContainerInsights, Cluster as EcsCluster } from "aws-cdk-lib/aws-ecs";
import { ApplicationLoadBalancer, DesyncMitigationMode } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { type StackContext, use } from "sst/constructs";
import { createBalancerCertificate } from "./constructs/balancer-certificate.ts";
import { createLogBucket } from "./constructs/bucket.ts";
import { fixedGroup } from "./constructs/fixed-group.ts";
import { Network } from "./network.ts";

/** The ECS cluster of the services, and the internal balancer that only the gateway reaches. On Fargate there is no host to patch. */
export function Cluster({ stack, app }: StackContext) {
  const { vpc, groups } = use(Network);
  const settings = stageSettings(app.stage);
  const cluster = new EcsCluster(stack, "Cluster", {
    vpc,
    enableFargateCapacityProviders: true,
    // It reports the number of running tasks, by which billing scales.
    containerInsightsV2: settings.hasContainerInsights
      ? ContainerInsights.ENABLED
      : ContainerInsights.DISABLED,
  });
  const loadBalancer = new ApplicationLoadBalancer(stack, "LoadBalancer", {
    vpc,
    internetFacing: false,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroup: fixedGroup(stack, "LoadBalancerGroup", groups.loadBalancer),
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.STRICTEST,
    deletionProtection: settings.keepsData,
  });
  const logs = createLogBucket(stack, "Logs", settings);
  loadBalancer.logAccessLogs(logs, "balancer");
  // The balancer must be deleted before the bucket is emptied: until then it writes more logs, and a bucket that is not empty cannot be deleted.
  loadBalancer.node.addDependency(logs);
  const certificate = createBalancerCertificate(stack, loadBalancer, settings);
  return { cluster, loadBalancer, certificate };
}
