import {
  CloudFrontClient,
  type DistributionSummary,
  paginateListDistributions,
} from "@aws-sdk/client-cloudfront";
import { type Asked, type Found, type Look, patient } from "./found.ts";

/** The distribution. CloudFront has no region, so the origin shows which region's stage it serves. */
export const distributions: Look = {
  service: "CloudFront",
  namespaces: ["cloudfront"],
  types: ["AWS::CloudFront::Distribution"],
  async find(asked) {
    const client = new CloudFrontClient(patient(asked));
    const found: DistributionSummary[] = [];
    for await (const page of paginateListDistributions({ client }, {})) {
      found.push(...(page.DistributionList?.Items ?? []));
    }
    return found.filter((summary) => isOfStage(asked, summary)).map(foundOf);
  },
};

function isOfStage(asked: Asked, { Comment, ARN = "", Origins }: DistributionSummary): boolean {
  if (Comment !== `cloud-design ${asked.stage}` && !asked.tagged.has(ARN)) return false;
  return Origins?.Items?.some(({ DomainName }) => DomainName?.includes(`.${asked.region}.`)) ?? true;
}

function foundOf({ Id: id = "", DomainName }: DistributionSummary): Found {
  const etag = `"$(aws cloudfront get-distribution-config --id ${id} --query ETag --output text)"`;
  const off = `"$(aws cloudfront get-distribution-config --id ${id} --query DistributionConfig | jq '.Enabled = false')"`;
  return {
    type: "AWS::CloudFront::Distribution",
    id,
    name: `${id} (${DomainName})`,
    usdMonthly: 0, // it is billed by the request
    commands: [
      `aws cloudfront update-distribution --id ${id} --if-match ${etag} --distribution-config ${off}`,
      `aws cloudfront wait distribution-deployed --id ${id}`,
      `aws cloudfront delete-distribution --id ${id} --if-match ${etag}`,
    ],
  };
}
