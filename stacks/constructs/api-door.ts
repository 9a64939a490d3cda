import { environmentOf } from "@cloud-design/stage/environment";
import { DomainName } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import type { CfnDistribution, Distribution } from "aws-cdk-lib/aws-cloudfront";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { Stack } from "sst/constructs";

/**
 * A custom domain for the API that requires a client certificate of the stage's own authority: a stranger's call ends in the TLS handshake and
 * uses up no throttle. Undefined without its settings; API Gateway's own name then stays open, and the gateway checks CloudFront's secret.
 */
export function createApiDoor(stack: Stack): DomainName | undefined {
  const { API_DOMAIN, API_CERTIFICATE_ARN, ORIGIN_AUTHORITY } = environmentOf();
  if (!API_DOMAIN || !API_CERTIFICATE_ARN || !ORIGIN_AUTHORITY) return undefined;
  const authority = new Asset(stack, "OriginAuthority", { path: ORIGIN_AUTHORITY });
  const door = new DomainName(stack, "Door", {
    domainName: API_DOMAIN,
    certificate: Certificate.fromCertificateArn(stack, "DoorCertificate", API_CERTIFICATE_ARN),
    mtls: {
      bucket: Bucket.fromBucketName(stack, "Truststore", authority.s3BucketName),
      key: authority.s3ObjectKey,
    },
  });
  stack.addOutputs({ ApiDomainTarget: door.regionalDomainName });
  return door;
}

/** Origin 0 of the distribution serves the pages, origin 1 the API. CDK 2.224 does not know the property yet. */
export function showClientCertificate(distribution: Distribution): void {
  const { ORIGIN_CERTIFICATE_ARN } = environmentOf();
  if (!ORIGIN_CERTIFICATE_ARN) return;
  const origin = "DistributionConfig.Origins.1.CustomOriginConfig";
  (distribution.node.defaultChild as CfnDistribution).addPropertyOverride(`${origin}.OriginMtlsConfig`, {
    ClientCertificateArn: ORIGIN_CERTIFICATE_ARN,
  });
}
