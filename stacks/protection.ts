import {
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginateDescribeDBInstances, RDSClient } from "@aws-sdk/client-rds";
import { listBalancers } from "./receipt/balancers.ts";
import { all, aws, hasTags, isNamed, patient, type StageAccess } from "./receipt/found.ts";

/** The commands that lift the protection of what CloudFormation would refuse to delete, half-way through: none where nothing is protected. */
export async function unprotect(asked: StageAccess): Promise<string[]> {
  return [...(await unprotectDatabases(asked)), ...(await unprotectBalancers(asked))];
}

async function unprotectDatabases(asked: StageAccess): Promise<string[]> {
  const pages = paginateDescribeDBInstances({ client: new RDSClient(patient(asked)) }, {});
  const instances = await all(pages, (page) => page.DBInstances);
  return instances
    .filter((instance) => isNamed(asked, instance.DBInstanceIdentifier) || hasTags(asked, instance.TagList))
    .filter(({ DeletionProtection }) => DeletionProtection)
    .map(({ DBInstanceIdentifier: id = "" }) => {
      const name = ["--db-instance-identifier", id];
      return aws(
        asked,
        "rds",
        "modify-db-instance",
        ...name,
        "--no-deletion-protection",
        "--apply-immediately",
      );
    });
}

async function unprotectBalancers(asked: StageAccess): Promise<string[]> {
  const client = new ElasticLoadBalancingV2Client(patient(asked));
  const commands: string[] = [];
  for (const { LoadBalancerArn } of await listBalancers(asked)) {
    const { Attributes = [] } = await client.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    if (!Attributes.some(({ Key, Value }) => Key === "deletion_protection.enabled" && Value === "true"))
      continue;
    const words = ["--load-balancer-arn", LoadBalancerArn ?? ""];
    const off = ["--attributes", "Key=deletion_protection.enabled,Value=false"];
    commands.push(aws(asked, "elbv2", "modify-load-balancer-attributes", ...words, ...off));
  }
  return commands;
}
