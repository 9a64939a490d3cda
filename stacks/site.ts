import { API_HEADERS } from "@cloud-design/site/headers";
import { siteDirectory } from "@cloud-design/site/site-directory";
import { environmentOf } from "@cloud-design/stage/environment";
import { signInUrlOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Duration } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { type StackContext, use } from "sst/constructs";
import { Api } from "./api.ts";
import { showClientCertificate } from "./constructs/api-door.ts";
import { createLogBucket, createPrivateBucket } from "./constructs/bucket.ts";
import { onRequest, UNTRAIL } from "./constructs/edge-function.ts";
import { deployPages, headersPolicy, pagesBehavior } from "./constructs/pages.ts";
import { Firewall, hasOwnFirewall } from "./firewall.ts";

/** The public entry: pages from a private bucket, the API under the same name, and a firewall in front of both, where the stage has one. */
export function Site({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { SITE_DOMAIN, SITE_CERTIFICATE_ARN, WEB_ACL_ARN } = environmentOf();
  const webAclId = hasOwnFirewall(app) ? use(Firewall).webAclArn : WEB_ACL_ARN;
  const pages = siteDirectory(signInUrlOf(app));
  const logs = createLogBucket(stack, "Logs", settings);
  const bucket = createPrivateBucket(stack, "Pages", {
    settings,
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: "pages/",
  });
  // Proves to the gateway that a request came through the firewall and not straight to API Gateway, whose address is public.
  const originSecret = new Secret(stack, "OriginSecret", {
    description: "The x-origin-secret that CloudFront adds and the gateway asks for",
    generateSecretString: { excludePunctuation: true, passwordLength: 48 },
  });
  const apiBehavior: BehaviorOptions = {
    origin: new HttpOrigin(use(Api).domainName, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      customHeaders: { "x-origin-secret": originSecret.secretValue.unsafeUnwrap() },
      readTimeout: Duration.seconds(30), // API Gateway's own limit, well over the gateway's 10 s
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    // API Gateway refuses a Host header with another name.
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicy: headersPolicy(stack, "ApiHeaders", API_HEADERS),
    functionAssociations: [onRequest(stack, "Untrail", UNTRAIL)],
  };
  const distribution = new Distribution(stack, "Distribution", {
    comment: `cloud-design ${app.stage}`,
    defaultRootObject: "index.html", // also without the edge function, which rewrites / to it
    defaultBehavior: pagesBehavior(stack, bucket, pages),
    additionalBehaviors: { "/api/*": apiBehavior, "/health/*": apiBehavior },
    ...(webAclId && { webAclId }),
    httpVersion: HttpVersion.HTTP2_AND_3,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    // North America and Europe: requests at farther edges cost up to twice as much.
    priceClass: PriceClass.PRICE_CLASS_100,
    enableLogging: true,
    logBucket: logs,
    logFilePrefix: "distribution/",
    logIncludesCookies: false,
    ...(SITE_DOMAIN &&
      SITE_CERTIFICATE_ARN && {
        domainNames: [SITE_DOMAIN],
        certificate: Certificate.fromCertificateArn(stack, "Certificate", SITE_CERTIFICATE_ARN),
      }),
  });
  showClientCertificate(distribution);
  // The writers of the logs are deleted before the bucket is emptied; otherwise it is not empty when it is deleted.
  for (const writer of [distribution, bucket]) writer.node.addDependency(logs);
  const siteUrl = `https://${SITE_DOMAIN ?? distribution.distributionDomainName}`;
  deployPages(stack, bucket, { siteDirectory: pages, siteUrl });
  stack.addOutputs({
    SiteUrl: siteUrl,
    ApiUrl: `${siteUrl}/api`,
    ...(SITE_DOMAIN && { SiteDomainTarget: distribution.distributionDomainName }),
  });
  return { siteUrl, originSecret, bucket };
}
