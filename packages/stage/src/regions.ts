/**
 * The supported regions, each with three of its zones by id: a zone's letter means another place in each account. us-east-1 is without use1-az3,
 * where RDS Proxy does not run.
 */
export const REGIONS: Readonly<Record<string, readonly [string, string, string]>> = {
  "us-east-1": ["use1-az1", "use1-az2", "use1-az4"],
  "us-east-2": ["use2-az1", "use2-az2", "use2-az3"],
  "us-west-2": ["usw2-az1", "usw2-az2", "usw2-az3"],
  "eu-west-1": ["euw1-az1", "euw1-az2", "euw1-az3"],
  "eu-west-2": ["euw2-az1", "euw2-az2", "euw2-az3"],
  "eu-west-3": ["euw3-az1", "euw3-az2", "euw3-az3"],
  "eu-central-1": ["euc1-az1", "euc1-az2", "euc1-az3"],
};

export const DEFAULT_REGION = "us-east-1";
/** The only region from which CloudFront takes a firewall and a certificate. */
export const EDGE_REGION = "us-east-1";

export function zonesOf(region: string): string[] {
  const zones = REGIONS[region];
  if (!zones) throw new Error(unknownRegion(region));
  return [...zones];
}

export function unknownRegion(region: string): string {
  return `The region ${region} is none of ${Object.keys(REGIONS).join(", ")}: take one of these, or add the ids of three of its zones to packages/stage/src/regions.ts.`;
}
