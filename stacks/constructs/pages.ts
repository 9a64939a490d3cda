import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SITE_PLACEHOLDER } from "@cloud-design/contract/addresses";
import { DEPLOYMENT_KEY, PAGE_KEY, PROBE_KEYS } from "@cloud-design/functions/status-probe/keys";
import { type API_HEADERS, CACHE_CONTROL, PAGE_HEADERS, REQUESTS_FILE } from "@cloud-design/site/headers";
import { Duration } from "aws-cdk-lib";
import {
  AccessLevel,
  type BehaviorOptions,
  CachePolicy,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import type { Stack } from "sst/constructs";
import { onRequest, pageOf } from "./edge-function.ts";

const YEAR = Duration.days(365);

/** CloudFront's spelling of headers that the laptop sends as they are. */
export function headersPolicy(
  stack: Stack,
  id: string,
  headers: typeof PAGE_HEADERS | typeof API_HEADERS,
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(stack, id, {
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: headers["content-security-policy"], override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: YEAR, includeSubdomains: true, override: true },
    },
  });
}

/** How CloudFront serves the bucket: HTTPS, cached as each object says, with the headers that the laptop sends too. */
export function pagesBehavior(stack: Stack, bucket: Bucket, siteDirectory: string): BehaviorOptions {
  return {
    // Whoever may list is told 404 for what is not there, and 403 otherwise. Only the path / would give a list, and it is a page.
    origin: S3BucketOrigin.withOriginAccessControl(bucket, {
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    compress: true,
    responseHeadersPolicy: headersPolicy(stack, "PageHeaders", PAGE_HEADERS),
    functionAssociations: [onRequest(stack, "PageOf", pageOf(siteDirectory))],
  };
}

/** What has a hash of its content in its name. */
const ASSETS = ["assets/*", "status/status.*.css", "status/status.*.js"];

/**
 * Puts the site into the bucket: first what pages load, under names that change with their content and that stay for whoever still has an
 * older page; then the pages, which the edges ask for again after a second, so that there is nothing to make them forget. What the probe
 * has written stays.
 */
export function deployPages(
  stack: Stack,
  bucket: Bucket,
  { siteDirectory, siteUrl }: { siteDirectory: string; siteUrl: string },
): void {
  // Known to CloudFormation alone: it comes behind the copy that has none, in whose place it is put.
  const withSiteUrl = (path: string) =>
    Source.data(path, readFileSync(join(siteDirectory, path), "utf8").replaceAll(SITE_PLACEHOLDER, siteUrl));
  const site = Source.asset(siteDirectory);
  const common = { destinationBucket: bucket, memoryLimit: 256 }; // MB: its tools, not the pages, need them
  const assets = new BucketDeployment(stack, "DeployAssets", {
    ...common,
    sources: [site],
    exclude: ["*"],
    include: [...ASSETS],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.asset)],
  });
  const pages = new BucketDeployment(stack, "DeployPages", {
    ...common,
    sources: [
      site,
      withSiteUrl("postman_collection.json"),
      Source.jsonData(DEPLOYMENT_KEY, { version: versionOf(siteDirectory) }),
    ],
    exclude: [...ASSETS, ...PROBE_KEYS, REQUESTS_FILE.path],
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.page)],
  });
  new BucketDeployment(stack, "DeployRequests", {
    ...common,
    sources: [withSiteUrl(REQUESTS_FILE.path)],
    exclude: ["*"],
    include: [REQUESTS_FILE.path],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.page)],
    contentType: REQUESTS_FILE.contentType,
  });
  pages.node.addDependency(assets);
  // Until the probe has run for the first time. It does not change, so later deployments do not put it there again.
  new BucketDeployment(stack, "DeployFirstStatus", {
    ...common,
    sources: [Source.data(PAGE_KEY, readFileSync(join(siteDirectory, PAGE_KEY), "utf8"))],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.page)],
  });
}

/** The commit, whose object gets its date from its deployment; without git the pages' own hash must do. */
function versionOf(siteDirectory: string): string {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : basename(siteDirectory);
}
