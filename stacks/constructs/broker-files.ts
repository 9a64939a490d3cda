import { RemovalPolicy } from "aws-cdk-lib";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import type { ContainerDefinition, FargateTaskDefinition } from "aws-cdk-lib/aws-ecs";
import { FileSystem } from "aws-cdk-lib/aws-efs";
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IDependable } from "constructs";
import { type Stack, use } from "sst/constructs";
import { Network } from "../network.ts";
import { fixedGroup } from "./fixed-group.ts";

/** The user `rabbitmq` of the official image (docker-library/rabbitmq, 4.2/ubuntu/Dockerfile). */
const ID = "999";
export const BROKER_USER = `${ID}:${ID}`;
const VOLUME = "data";

/**
 * The broker's data, in a file system that outlives its tasks: queues, messages that wait, and the cookie of Erlang. It is in every zone, because a
 * task may start in another one. Returns what a task needs before it can start.
 */
export function mountBrokerFiles(
  stack: Stack,
  task: FargateTaskDefinition,
  container: ContainerDefinition,
): IDependable {
  const { vpc, brokerFilesGroup } = use(Network);
  if (!brokerFilesGroup) throw new Error("The stack Network makes no group for the broker's files.");
  const fileSystem = new FileSystem(stack, "Files", {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroup: fixedGroup(stack, "FilesGroup", brokerFilesGroup),
    encrypted: true,
    removalPolicy: RemovalPolicy.DESTROY,
    // With a policy of its own, it admits only callers that IAM allows.
    fileSystemPolicy: new PolicyDocument({
      statements: [
        new PolicyStatement({
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ["*"],
          conditions: { Bool: { "aws:SecureTransport": "false" } },
        }),
      ],
    }),
  });
  const accessPoint = fileSystem.addAccessPoint("AccessPoint", {
    path: "/rabbitmq",
    createAcl: { ownerUid: ID, ownerGid: ID, permissions: "700" },
    posixUser: { uid: ID, gid: ID },
  });
  task.addVolume({
    name: VOLUME,
    efsVolumeConfiguration: {
      fileSystemId: fileSystem.fileSystemId,
      transitEncryption: "ENABLED",
      authorizationConfig: { accessPointId: accessPoint.accessPointId, iam: "ENABLED" },
    },
  });
  container.addMountPoints({
    sourceVolume: VOLUME,
    containerPath: "/var/lib/rabbitmq",
    readOnly: false,
  });
  task.addToTaskRolePolicy(
    new PolicyStatement({
      actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      resources: [fileSystem.fileSystemArn],
      conditions: { StringEquals: { "elasticfilesystem:AccessPointArn": accessPoint.accessPointArn } },
    }),
  );
  return fileSystem.mountTargetsAvailable;
}
