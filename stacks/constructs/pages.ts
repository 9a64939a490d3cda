import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SITE_PLACEHOLDER } from "@cloud-design/contract/addresses";
import { DEPLOYMENT_KEY, PAGE_KEY, PROBE_KEYS } from "@cloud-design/functions/shared/status-keys";
import { type API_HEADERS, CACHE_CONTROL, PAGE_HEADERS, REQUESTS_FILE } from "@cloud-design/site/headers";
import { nameOf } from "@cloud-design/stage/names";
import { Duration } from "aws-cdk-lib";
import {
  AccessLevel,
  type BehaviorOptions,
  CachePolicy,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import type { Stack } from "sst/constructs";
import { onRequest, pageOf } from "./edge-function.ts";

const YEAR = Duration.days(365);

/** The security headers that the laptop sends as they are, in CloudFront's structure. */
export function headersPolicy(
  stack: Stack,
  id: string,
  headers: typeof PAGE_HEADERS | typeof API_HEADERS,
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(stack, id, {
    responseHeadersPolicyName: globalNameOf(stack, id),
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: headers["content-security-policy"], override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: YEAR, includeSubdomains: true, override: true },
    },
  });
}

/** CloudFront's names are unique in an account: without the region a stage could not come back in another one. CDK leaves it out of both. */
function globalNameOf(stack: Stack, name: string): string {
  return nameOf(stack, `${name}-${stack.region}`);
}

/** How CloudFront serves the bucket: HTTPS, cached as each object's headers say, with the same security headers as the laptop. */
export function pagesBehavior(stack: Stack, bucket: Bucket, siteDirectory: string): BehaviorOptions {
  return {
    // With `s3:ListBucket` a missing object is a 404, without it a 403. Only the path / would return a list, and / is a page.
    origin: S3BucketOrigin.withOriginAccessControl(bucket, {
      originAccessControl: new S3OriginAccessControl(stack, "Reader", {
        originAccessControlName: globalNameOf(stack, "reader"),
      }),
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    compress: true,
    responseHeadersPolicy: headersPolicy(stack, "PageHeaders", PAGE_HEADERS),
    functionAssociations: [onRequest(stack, "PageOf", pageOf(siteDirectory))],
  };
}

/** Files whose names contain a hash of their content. */
const ASSETS = ["assets/*", "status/status.*.css", "status/status.*.js"];

/**
 * Copies the site into the bucket. First the files that pages load: their names change with their content, and old files stay for a browser that
 * still shows an older page. Then the pages, which the edges revalidate after a second, so no invalidation is needed. Objects that the status
 * probe writes stay.
 */
export function deployPages(
  stack: Stack,
  bucket: Bucket,
  { siteDirectory, siteUrl }: { siteDirectory: string; siteUrl: string },
): void {
  // Only CloudFormation knows the address: this copy replaces the placeholder in the uploaded one, so it must come after it.
  const withSiteUrl = (path: string) =>
    Source.data(path, readFileSync(join(siteDirectory, path), "utf8").replaceAll(SITE_PLACEHOLDER, siteUrl));
  const site = Source.asset(siteDirectory);
  const common = { destinationBucket: bucket, memoryLimit: 256 }; // MB, for the deployment's tools; the pages need less
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
  // The first status page, until the probe has run. It is a constant, so later deployments do not write it again.
  new BucketDeployment(stack, "DeployFirstStatus", {
    ...common,
    sources: [Source.data(PAGE_KEY, readFileSync(join(siteDirectory, PAGE_KEY), "utf8"))],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.page)],
  });
}

/** The commit. Its object gets the date of its deployment. Without git, the hash of the pages is used. */
function versionOf(siteDirectory: string): string {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : basename(siteDirectory);
}
