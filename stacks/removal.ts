import type { StageSettings } from "./stages.ts";

/** What a removal leaves, by the type that CloudFormation calls it. */
export function keptBy({ keepsData, backupDays, logRetentionDays }: StageSettings): Record<string, string> {
  if (!keepsData) return {};
  return {
    "AWS::RDS::DBInstance": `a last snapshot of each database, and its automatic backups for ${backupDays} days`,
    "AWS::KMS::Key": "the keys of databases and alarms, without which no snapshot can be read",
    "AWS::SQS::Queue": "the queues of orders and of dead letters, with what is in them",
    "AWS::Cognito::UserPool": "the user pool with its users",
    "AWS::S3::Bucket": "the buckets of pages and access logs",
    "AWS::Logs::LogGroup": `most log groups; their lines go after ${logRetentionDays} days`,
  };
}

/** The commands that lift the protection of what CloudFormation would otherwise refuse to delete, half-way through. */
export function unprotect(
  { keepsData }: StageSettings,
  { stage, region }: { stage: string; region: string },
): string[] {
  if (!keepsData) return [];
  const databases = ["inventory", "billing"].map(
    (noun) =>
      `aws rds modify-db-instance --region ${region} --db-instance-identifier ${stage}-cloud-design-${noun} --no-deletion-protection --apply-immediately`,
  );
  const balancer = `aws cloudformation describe-stack-resources --region ${region} --stack-name ${stage}-cloud-design-Cluster --query "StackResources[?ResourceType=='AWS::ElasticLoadBalancingV2::LoadBalancer'].PhysicalResourceId" --output text`;
  return [
    ...databases,
    `aws elbv2 modify-load-balancer-attributes --region ${region} --load-balancer-arn $(${balancer}) --attributes Key=deletion_protection.enabled,Value=false`,
  ];
}
