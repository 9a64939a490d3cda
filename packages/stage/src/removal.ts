import type { StageSettings } from "./settings.ts";

interface Kept {
  what: string;
  why: string;
}

/** What a removal leaves on purpose, by the type that CloudFormation calls it. */
export function keptBy({ keepsData, backupDays, logRetentionDays }: StageSettings): Record<string, Kept> {
  if (!keepsData) return {};
  return {
    "AWS::RDS::DBInstance": {
      what: `a last snapshot of each database, and its automatic backups for ${backupDays} days`,
      why: "movies and orders can come back from nothing else",
    },
    "AWS::KMS::Key": {
      what: "the keys of databases and alarms, without which no snapshot can be read",
      why: "without the databases' key no snapshot can be read, so it goes last; it is billed while it stays",
    },
    "AWS::SQS::Queue": {
      what: "the queues of orders and of dead letters, with what is in them",
      why: "orders that were accepted may wait in it; it is billed by the request alone",
    },
    "AWS::Cognito::UserPool": {
      what: "the user pool with its users",
      why: "nobody can make its users and their passwords again; it is billed by who signs in",
    },
    "AWS::S3::Bucket": {
      what: "the buckets of pages and access logs",
      why: `access logs may be asked for, and go after ${logRetentionDays} days; the pages hold the history of the status`,
    },
    "AWS::Logs::LogGroup": {
      what: `most log groups; their lines go after ${logRetentionDays} days`,
      why: `lines may be asked for after an incident, and go after ${logRetentionDays} days`,
    },
  };
}

export function whyKept(type: string, settings: StageSettings): string | undefined {
  return keptBy(settings)[type]?.why;
}
