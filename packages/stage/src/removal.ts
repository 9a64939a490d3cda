import type { StageSettings } from "./settings.ts";

interface Kept {
  what: string;
  why: string;
}

/** The resources that a removal leaves on purpose, by their CloudFormation type. */
export function keptBy({
  keepsData,
  backupDays,
  copyDays,
  logRetentionDays,
}: StageSettings): Record<string, Kept> {
  if (!keepsData) return {};
  return {
    "AWS::RDS::DBInstance": {
      what: `a last snapshot of each database, its automatic backups for ${backupDays} days, and their copies in another region for ${copyDays}`,
      why: "movies and orders can be restored only from them",
    },
    "AWS::KMS::Key": {
      what: "the keys of databases and alarms, without which no snapshot can be read",
      why: "without the databases' key no snapshot can be read, so delete it last; it is billed until then",
    },
    "AWS::SQS::Queue": {
      what: "the queues of orders and of dead letters, with their messages",
      why: "accepted orders may wait in it; it is billed only by the request",
    },
    "AWS::Cognito::UserPool": {
      what: "the user pool with its users",
      why: "its users and their passwords cannot be made again; it is billed by the users who sign in",
    },
    "AWS::S3::Bucket": {
      what: "the buckets of pages and access logs",
      why: `an investigation may need the access logs, which are deleted after ${logRetentionDays} days; the pages hold the history of the status`,
    },
    "AWS::Logs::LogGroup": {
      what: `most log groups; their lines are deleted after ${logRetentionDays} days`,
      why: `an investigation may need the lines, which are deleted after ${logRetentionDays} days`,
    },
  };
}

export function whyKept(type: string, settings: StageSettings): string | undefined {
  return keptBy(settings)[type]?.why;
}
