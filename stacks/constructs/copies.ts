import { environmentOf } from "@cloud-design/stage/environment";
import { copyRegionOf } from "@cloud-design/stage/regions";
import type { StageSettings } from "@cloud-design/stage/settings";
import type { CfnDBInstance, DatabaseInstance } from "aws-cdk-lib/aws-rds";
import type { ReplicaRegion } from "aws-cdk-lib/aws-secretsmanager";
import type { Stack } from "sst/constructs";

/** Replicates the automated backups of these servers into another region, where they are 5 to 30 minutes old at most (docs/how/lost-region.md). */
export function copyBackups(
  stack: Stack,
  instances: readonly DatabaseInstance[],
  { copyDays }: StageSettings,
): void {
  if (copyDays === 0) return;
  const region = copyRegionOf(stack.region);
  const key = keyOfRds(stack, region);
  for (const { node } of instances) {
    const server = node.defaultChild as CfnDBInstance;
    server.automaticBackupReplicationRegion = region;
    server.automaticBackupReplicationKmsKeyId = key;
    server.automaticBackupReplicationRetentionPeriod = copyDays;
  }
}

/** The replicas of a secret that a restored stage needs; they follow each change of its value. */
export function replicasOf({ region }: Stack, { copyDays }: StageSettings): ReplicaRegion[] {
  return copyDays > 0 ? [{ region: copyRegionOf(region) }] : [];
}

/**
 * The key in that region which AWS manages for RDS, and which exists from its first use on. A key of our own would need a stack in that region and
 * $1 a month; its deletion would make every copy unreadable, and a stage that is made again could not continue the copies of the one before. RDS
 * takes an alias in CopyDBSnapshot; for this property AWS documents only a key's ARN, and no account has tried it. If RDS refuses the alias, set
 * COPY_KEY_ARN to the ARN that `aws kms describe-key --key-id alias/aws/rds` answers in that region.
 */
function keyOfRds({ account }: Stack, region: string): string {
  return environmentOf().COPY_KEY_ARN ?? `arn:aws:kms:${region}:${account}:alias/aws/rds`;
}
