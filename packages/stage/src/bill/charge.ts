import { HOURS_A_MONTH, MONTH_OF, PER_USE } from "../prices.ts";

/** The lines of a bill, in their order. */
export const PARTS = [
  "RabbitMQ",
  "NAT",
  "Public addresses",
  "PostgreSQL",
  "PostgreSQL's disk",
  "RDS Proxy",
  "Services",
  "Services on Spot",
  "Balancer",
  "Network endpoints",
  "Firewall",
  "Container Insights",
  "Metrics of our own",
  "Alarms",
  "Alarms on alarms",
  "Dashboards",
  "Status probe",
  "Scheduled functions",
  "Polls of SQS",
  "Files",
  "Names",
  "Secrets",
  "Copies of backups",
  "Copies of secrets",
  "Keys",
  "Logs",
] as const;
export type Part = (typeof PARTS)[number];

/** The part of a bill that one resource causes. */
export interface Charge {
  part: Part;
  count: number;
  unit: string;
  /** For one unit and a month. */
  usdEach: number;
  /** The name under which Cost Explorer counts it. */
  service: string;
}

const MILLION = 1_000_000;
/** Long polls of 20 s, one after the other. */
const POLLS_A_MONTH = 3 * 60 * HOURS_A_MONTH;

export const CLOUDWATCH = "AmazonCloudWatch";
export const NETWORK = "Amazon Virtual Private Cloud";
export const RDS = "Amazon Relational Database Service";
export const ECS = "Amazon Elastic Container Service";
export const EC2 = "Amazon Elastic Compute Cloud - Compute";
export const EC2_OTHER = "EC2 - Other";

export function alarmMetrics(count: number, unit = "metric"): Charge {
  return { part: "Alarms", count, unit, usdEach: MONTH_OF.alarmMetric, service: CLOUDWATCH };
}

export function metrics(count: number): Charge {
  return { part: "Metrics of our own", count, unit: "metric", usdEach: MONTH_OF.metric, service: CLOUDWATCH };
}

export function address(count: number): Charge {
  return { part: "Public addresses", count, unit: "address", usdEach: MONTH_OF.address, service: NETWORK };
}

export function polls(count: number): Charge {
  return {
    part: "Polls of SQS",
    count: (count * POLLS_A_MONTH) / MILLION,
    unit: "million calls",
    usdEach: MILLION * PER_USE.queueCall,
    service: "Amazon Simple Queue Service",
  };
}

export function secrets(part: Part, count: number, unit: string): Charge {
  return { part, count, unit, usdEach: MONTH_OF.secret, service: "AWS Secrets Manager" };
}

export function key(): Charge {
  return {
    part: "Keys",
    count: 1,
    unit: "KMS key",
    usdEach: MONTH_OF.key,
    service: "AWS Key Management Service",
  };
}

export function zone(): Charge {
  return {
    part: "Names",
    count: 1,
    unit: "hosted zone",
    usdEach: MONTH_OF.hostedZone,
    service: "Amazon Route 53",
  };
}
