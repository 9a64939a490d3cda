/**
 * The limits that AWS sets, in the regions with its default quotas. Sources: "Quotas" (CloudFront Developer Guide), "Amazon API Gateway quotas",
 * "Lambda quotas", "Amazon SQS standard queue quotas".
 */
export const QUOTAS = {
  /** Requests a second of a distribution. */
  edgePerSecond: 250_000,
  /** Requests a second of all APIs of an account; 2,500 in some newer regions. */
  apiPerSecond: 10_000,
  /** Functions at once in an account; a new account may begin with 10. */
  functionsAtOnce: 1_000,
  /** Messages that a queue's readers hold. */
  messagesInFlight: 120_000,
};

/**
 * A server of PostgreSQL by its class: cores, the share of them that its price includes (RDS bills more than that on average of a day, and does
 * not slow down), and the operations a second that it may keep up. Sources: "Burstable performance instances" and "Amazon EBS-optimized instance
 * types" (Amazon EC2 User Guide); "DB instance class types" (Amazon RDS User Guide).
 */
export const DATABASE_CLASSES: Readonly<
  Record<string, { cores: number; includedShare: number; iops: number }>
> = {
  "db.t4g.micro": { cores: 2, includedShare: 0.1, iops: 500 },
  "db.t4g.small": { cores: 2, includedShare: 0.2, iops: 1_000 },
  "db.t4g.medium": { cores: 2, includedShare: 0.2, iops: 2_000 },
  "db.m7g.large": { cores: 2, includedShare: 1, iops: 3_000 },
};
