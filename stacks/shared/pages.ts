import { CONTENT_SECURITY_POLICY } from "@cloud-design/site/headers";
import { pages } from "@cloud-design/site/pages";
import { Duration } from "aws-cdk-lib";
import {
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

/** How CloudFront serves the bucket: HTTPS, cached, with the headers that the laptop sends too. */
export function pagesBehavior(stack: Stack, bucket: Bucket): BehaviorOptions {
  return {
    origin: S3BucketOrigin.withOriginAccessControl(bucket),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    compress: true,
    responseHeadersPolicy: new ResponseHeadersPolicy(stack, "PageHeaders", {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: YEAR, includeSubdomains: true, override: true },
      },
    }),
    functionAssociations: [onRequest(stack, "PageOf", pageOf())],
  };
}

/** Puts the pages into the bucket. The edges ask for them again after a second, so there is nothing to make them forget. */
export function deployPages(stack: Stack, bucket: Bucket): void {
  new BucketDeployment(stack, "DeployPages", {
    destinationBucket: bucket,
    sources: [...pages()].map(([path, html]) => Source.data(objectOf(path), html)),
    cacheControl: [CacheControl.fromString("public, max-age=0, must-revalidate")],
    contentType: "text/html; charset=utf-8",
    memoryLimit: 256, // MB: its tools, not the pages, need them
  });
}

function objectOf(path: string): string {
  return path === "/" ? "index.html" : `${path.slice(1)}.html`;
}
