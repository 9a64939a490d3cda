interface Region {
  /** Three of its zones by id, because a zone's letter means another place in each account. */
  zones: readonly [string, string, string];
  /** Where `prod` keeps the copies of its data: out of reach of one disaster, and on the same continent, because they are personal data. */
  copies: string;
}

/** The supported regions. us-east-1 is without use1-az3, where RDS Proxy does not run. */
export const REGIONS: Readonly<Record<string, Region>> = {
  "us-east-1": { zones: ["use1-az1", "use1-az2", "use1-az4"], copies: "us-west-2" },
  "us-east-2": { zones: ["use2-az1", "use2-az2", "use2-az3"], copies: "us-west-2" },
  "us-west-2": { zones: ["usw2-az1", "usw2-az2", "usw2-az3"], copies: "us-east-2" },
  "eu-west-1": { zones: ["euw1-az1", "euw1-az2", "euw1-az3"], copies: "eu-central-1" },
  "eu-west-2": { zones: ["euw2-az1", "euw2-az2", "euw2-az3"], copies: "eu-west-1" },
  "eu-west-3": { zones: ["euw3-az1", "euw3-az2", "euw3-az3"], copies: "eu-central-1" },
  "eu-central-1": { zones: ["euc1-az1", "euc1-az2", "euc1-az3"], copies: "eu-west-1" },
};

export const DEFAULT_REGION = "us-east-1";
/** The only region from which CloudFront takes a firewall and a certificate. */
export const EDGE_REGION = "us-east-1";

export function zonesOf(region: string): string[] {
  return [...supported(region).zones];
}

export function copyRegionOf(region: string): string {
  return supported(region).copies;
}

function supported(name: string): Region {
  const region = REGIONS[name];
  if (!region) throw new Error(unknownRegion(name));
  return region;
}

export function unknownRegion(region: string): string {
  return `The region ${region} is none of ${Object.keys(REGIONS).join(", ")}: take one of these, or add it to packages/stage/src/regions.ts.`;
}
