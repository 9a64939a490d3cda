import {
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ModifyDBInstanceCommand, paginateDescribeDBInstances, RDSClient } from "@aws-sdk/client-rds";
import type { AwsAccess } from "./aws-access.ts";
import { listBalancers } from "./receipt/balancers.ts";
import { all, aws, hasTags, isNamed, patient, type StageAccess } from "./receipt/found.ts";

/** A resource that CloudFormation would refuse to delete, in the middle of a removal. */
export interface Protected {
  name: string;
  lift(): Promise<unknown>;
  /** The command that protects it again; a deployment does not, because its template has not changed. */
  protect: string;
}

/** The protected resources of a stage, each with a function that lifts the protection. */
export async function protectedOf(asked: StageAccess): Promise<Protected[]> {
  return [...(await protectedDatabases(asked)), ...(await protectedBalancers(asked))];
}

async function protectedDatabases(asked: StageAccess): Promise<Protected[]> {
  const pages = paginateDescribeDBInstances({ client: new RDSClient(patient(asked)) }, {});
  const instances = await all(pages, (page) => page.DBInstances);
  return instances
    .filter((instance) => isNamed(asked, instance.DBInstanceIdentifier) || hasTags(asked, instance.TagList))
    .filter(({ DeletionProtection }) => DeletionProtection)
    .map(({ DBInstanceIdentifier: id = "" }) => ({
      name: `database ${id}`,
      lift: () => unprotectDatabase(id, asked),
      protect: aws(
        asked,
        "rds",
        "modify-db-instance",
        "--db-instance-identifier",
        id,
        "--deletion-protection",
      ),
    }));
}

async function protectedBalancers(asked: StageAccess): Promise<Protected[]> {
  const client = new ElasticLoadBalancingV2Client(patient(asked));
  const found: Protected[] = [];
  for (const { LoadBalancerArn: arn = "", LoadBalancerName: name = arn } of await listBalancers(asked)) {
    const question = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn });
    const { Attributes = [] } = await client.send(question);
    if (Attributes.some(({ Key, Value }) => Key === BALANCER_KEY && Value === "true"))
      found.push({
        name: `balancer ${name}`,
        lift: () => unprotectBalancer(arn, asked),
        protect: aws(
          asked,
          ...["elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", arn],
          ...["--attributes", `Key=${BALANCER_KEY},Value=true`],
        ),
      });
  }
  return found;
}

const BALANCER_KEY = "deletion_protection.enabled";

export function unprotectDatabase(id: string, access: AwsAccess): Promise<unknown> {
  const change = { DBInstanceIdentifier: id, DeletionProtection: false, ApplyImmediately: true };
  return new RDSClient(patient(access)).send(new ModifyDBInstanceCommand(change));
}

export function unprotectBalancer(arn: string, access: AwsAccess): Promise<unknown> {
  const change = { LoadBalancerArn: arn, Attributes: [{ Key: BALANCER_KEY, Value: "false" }] };
  return new ElasticLoadBalancingV2Client(patient(access)).send(
    new ModifyLoadBalancerAttributesCommand(change),
  );
}
