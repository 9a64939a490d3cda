import type { App } from "./app.ts";
import { parseReference, replaceReferences } from "./references.ts";

/** The form of a reference to a resource, or to its attribute, by AWS's documentation. */
const VALUES: Record<string, string> = {
  "AWS::AmazonMQ::Broker AmqpEndpoints.0":
    "amqps://b-1234a5b6-78cd-901e-2fgh-3i45j6k178l9.mq.us-east-1.on.aws:5671",
  // Enough for its schema: a deployment makes the real one (packages/functions/src/certificate).
  "AWS::CloudFormation::CustomResource authority":
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  "AWS::CloudFront::Distribution DomainName": "d111111abcdef8.cloudfront.net",
  "AWS::Cognito::UserPool": "us-east-1_A1b2C3d4E",
  "AWS::Cognito::UserPool ProviderURL": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_A1b2C3d4E",
  "AWS::Cognito::UserPoolDomain": "prod-cloud-design-123456789012",
  "AWS::Cognito::UserPoolClient": "1example23456789",
  "AWS::ECS::Service": "arn:aws:ecs:us-east-1:123456789012:service/cluster/name",
  "AWS::ElasticLoadBalancingV2::LoadBalancer DNSName": "internal-abc-123456.us-east-1.elb.amazonaws.com",
  "AWS::Events::Rule": "prod-cloud-design-Status-EveryMinute0A1B2C3D-a1b2C3d4E5f6",
  "AWS::Lambda::EventSourceMapping": "1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809",
  "AWS::Logs::LogGroup": "prod-cloud-design-Gateway-GatewayLogs0A1B2C3D-a1b2C3d4E5f6",
  "AWS::RDS::DBInstance": "prod-cloud-design-inventory",
  "AWS::RDS::DBInstance Endpoint.Address": "x.abcdefghijkl.us-east-1.rds.amazonaws.com",
  "AWS::RDS::DBProxy Endpoint": "x.proxy-abcdefghijkl.us-east-1.rds.amazonaws.com",
  "AWS::S3::Bucket": "name",
  "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:name-a1b2c3",
  "AWS::SecretsManager::SecretTargetAttachment":
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:name-a1b2c3",
  "AWS::SSM::Parameter": "/cloud-design/prod/sleep",
  "AWS::SQS::Queue": "https://sqs.us-east-1.amazonaws.com/123456789012/name",
};

/** The settings as a process would see them. Throws at a reference whose form is not listed above. */
export function fillReferences(
  variables: Record<string, string>,
  { resources }: App,
): Record<string, string> {
  const fill = (text: string) => {
    const { name, attribute } = parseReference(text) ?? {};
    const type = resources.find((resource) => resource.name === name)?.type;
    const key = [type, attribute].filter(Boolean).join(" ");
    const value = VALUES[key];
    if (value === undefined)
      throw new Error(`What is ${text} (${key})? Say so in stacks/testing/fill-references.ts.`);
    return value;
  };
  const filled = Object.entries(variables).map(([key, text]) => [key, replaceReferences(text, fill)]);
  return Object.fromEntries(filled);
}
