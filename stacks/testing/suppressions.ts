/** A finding that stays, and why. */
export interface Suppression {
  rule: string;
  /** Names of resources, `*` for any part of one. */
  at: readonly string[];
  /** The one action or resource that it is about, where the rule tells them apart; `*` for any part of it. */
  detail?: string;
  because: string;
}

/** What CDK brings along to run during a deployment, and at no other time. */
const HELPERS = ["*/Custom::*", "Databases/AWSCDK.Trigger*", "Broker/AWS*"];
const IN_THE_NETWORK = [
  "Gateway/Gateway",
  "Orders/OrderBridge",
  "DeadLetters/DeadLetters",
  "Databases/Migrate",
  "Status/StatusProbe",
];
/** These say what they say without a token, by design. */
const WITHOUT_TOKEN = [
  { at: ["Gateway/ANY *"], because: "It only says 405, and which methods the path knows." },
  {
    at: ["Gateway/GET --api--status", "Gateway/HEAD --api--status"],
    because: "The status page and probes of others have no token; it says which parts are up.",
  },
  {
    at: ["Gateway/GET --health--*", "Gateway/HEAD --health--*"],
    because: "A probe has no token; it says that the function runs.",
  },
];

/** Of cdk-nag's AwsSolutions, in any stage. */
export const NAG_SUPPRESSIONS: readonly Suppression[] = [
  ...WITHOUT_TOKEN.map((route) => ({ rule: "AwsSolutions-APIG4", ...route })),
  {
    rule: "AwsSolutions-CFR1",
    at: ["Site/Distribution"],
    because: "The store sells everywhere. Who may not, names the countries in stacks/site.ts.",
  },
  {
    rule: "AwsSolutions-CFR4",
    at: ["Site/Distribution"],
    because:
      "CloudFront's own certificate comes with its own protocols. With SITE_DOMAIN it is TLS 1.2 and later.",
  },
  {
    rule: "AwsSolutions-COG2",
    at: ["Identity/UserPool"],
    because: "A second factor is offered to everybody and forced on nobody who wants to see a film.",
  },
  {
    rule: "AwsSolutions-COG3",
    at: ["Identity/UserPool"],
    because:
      "Threat protection comes with Cognito's plan Plus alone, which bills the first 10,000 users too.",
  },
  {
    rule: "AwsSolutions-ECS2",
    at: ["Inventory/Task", "Billing/Task"],
    because:
      "The environment holds addresses and the ARNs of secrets. A task reads the secrets themselves when it connects.",
  },
  {
    rule: "AwsSolutions-IAM4",
    at: HELPERS,
    detail: "*/AWSLambdaBasicExecutionRole",
    because: "CDK gives its own helpers this role and takes no other.",
  },
  {
    rule: "AwsSolutions-IAM4",
    at: ["Gateway/Rollout/ServiceRole"],
    detail: "*/AWSCodeDeployRoleForLambdaLimited",
    because:
      "What CodeDeploy calls while it moves an alias is known to AWS alone. Only CodeDeploy takes this role; it may move aliases and look at alarms.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: IN_THE_NETWORK.map((name) => `${name}Role/DefaultPolicy`),
    detail: "Resource::*",
    because:
      "Lambda makes its network interfaces with the function's rights, and EC2 describes them for all or for none. X-Ray has no resource that a trace would belong to.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Inventory/Task/TaskRole/DefaultPolicy", "Billing/Task/TaskRole/DefaultPolicy"],
    detail: "Resource::*",
    because: "X-Ray has no resource that a trace would belong to.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Inventory/Task/ExecutionRole/*", "Billing/Task/ExecutionRole/*", "Tunnel/Task/ExecutionRole/*"],
    detail: "Resource::*",
    because: "ecr:GetAuthorizationToken knows no resource.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Tunnel/Task/TaskRole/DefaultPolicy"],
    detail: "Resource::*",
    because: "What ECS Exec's agent asks: a channel of Session Manager has no name.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Broker/Log*/CustomResourcePolicy"],
    because:
      "CloudWatch Logs knows a log group by its ARN with `:*` behind it. It is the one group that Amazon MQ makes.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Databases/AWSCDK.Trigger*"],
    detail: "Resource::<Migrate*.Arn>:*",
    because: "Each version of the one function that runs the migrations.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Site/Custom::CDKBucketDeployment*"],
    because: "CDK's helper, which reads what the deployment uploaded and writes the bucket of the pages.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Cluster/CertificateRole/DefaultPolicy"],
    detail: "Resource::arn:*:certificate/*",
    because:
      "ACM gives a certificate its name when it is made; the tags of the stage are a condition of both rights.",
  },
  {
    rule: "AwsSolutions-L1",
    at: HELPERS,
    because: "CDK writes its helpers and tests them on the runtime that it names.",
  },
  {
    rule: "AwsSolutions-RDS3",
    at: ["Databases/inventory-billing-instance"],
    because:
      "Outside prod a lost zone may take the database with it (isDatabaseMultiAz in packages/stage/src/settings.ts).",
  },
  {
    rule: "AwsSolutions-RDS10",
    at: ["Databases/inventory-billing-instance"],
    because: "Outside prod a stage goes with everything in it (keepsData in packages/stage/src/settings.ts).",
  },
  {
    rule: "AwsSolutions-RDS11",
    at: ["Databases/*-instance"],
    because: "RDS Proxy knows no other port, and nobody but it and the migrations can reach this one.",
  },
  {
    rule: "AwsSolutions-S1",
    at: ["Cluster/Logs"],
    because: "It holds access logs itself, and only AWS writes them.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Databases/*"],
    because:
      "RDS Proxy does not go with rotation by two users, and by one it refuses sign-ins for a moment: so by hand, at a time of one's choice. Services ask for the password at each connect.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Broker/Credentials"],
    because:
      "Secrets Manager has no rotation for RabbitMQ. By hand; services ask for the password at each connect.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Cluster/Authority"],
    because:
      "Who believes it learns of another one by a deployment alone; docs/deploy.md says how one is made.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Cluster/TaskCertificate"],
    because: "A function of ours writes another one each week, on a schedule that the rule does not see.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Gateway/OrderIdSecret"],
    because: "Another value turns every order id issued so far into a 404.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Site/OriginSecret"],
    because:
      "CloudFront learns it from a deployment and by nothing else, so a rotation of its own would lock it out.",
  },
];

/** Of AWS Control Tower's rules for cfn-guard, in prod. */
export const GUARD_SUPPRESSIONS: readonly Suppression[] = [
  ...WITHOUT_TOKEN.map((route) => ({ rule: "CT.APIGATEWAY.PR.5", ...route })),
  {
    rule: "CT.CLOUDFRONT.PR.4",
    at: ["Site/Distribution"],
    because: "There is one bucket and one API, in one region. A second region is a second stage.",
  },
  ...["CT.CLOUDFRONT.PR.6", "CT.CLOUDFRONT.PR.7", "CT.CLOUDFRONT.PR.9"].map((rule) => ({
    rule,
    at: ["Site/Distribution"],
    because:
      "True only without a domain. With SITE_DOMAIN it has its certificate, SNI, and TLS 1.2 and later.",
  })),
  {
    rule: "CT.CLOUDWATCH.PR.1",
    at: ["Slos/Alarm-*-long", "Slos/Alarm-*-short"],
    because: "A part of a composite alarm, which rings for it when the other part agrees.",
  },
  {
    rule: "CT.CLOUDWATCH.PR.2",
    at: ["*"],
    because:
      "90 days, long enough to look back after an incident (logRetentionDays in packages/stage/src/settings.ts).",
  },
  {
    rule: "CT.CLOUDWATCH.PR.3",
    at: ["*"],
    because:
      "CloudWatch encrypts every log with a key of its own. No log holds a secret or what somebody has ordered.",
  },
  {
    rule: "CT.ELASTICLOADBALANCING.PR.2",
    at: ["Inventory/Listener", "Billing/Listener"],
    because: "It has one. The rule does not follow an ARN that another stack exports.",
  },
  {
    rule: "CT.KMS.PR.3",
    at: ["Alerts/Key", "a resource of prod-cloud-design-Alerts", "Databases/Key"],
    because: "The key trusts the account, whose administrators alone may grant: no role of these stacks can.",
  },
  {
    rule: "CT.LAMBDA.PR.2",
    at: ["Gateway/GET --api--movies/ApiPermission*"],
    because: "It names this API as the source. The rule does not read an ARN that is put together.",
  },
  {
    rule: "CT.LAMBDA.PR.3",
    at: IN_THE_NETWORK,
    because: "It is in the VPC. The rule does not follow subnets that another stack exports.",
  },
  {
    rule: "CT.LAMBDA.PR.3",
    at: ["Identity/TokenScopes", "Cluster/Certificate", ...HELPERS],
    because: "It calls nothing in the network; CDK's helpers call AWS alone.",
  },
  {
    rule: "CT.RDS.PR.2",
    at: ["Databases/*-instance"],
    because:
      "Performance Insights and the alarms say enough, without a log group that all stages would share.",
  },
  {
    rule: "CT.RDS.PR.20",
    at: ["Databases/*-instance"],
    because: "RDS Proxy knows no other port, and nobody but it and the migrations can reach this one.",
  },
  {
    rule: "CT.RDS.PR.7",
    at: ["Databases/*-instance"],
    because: "It is the proxy that signs in, with passwords that Secrets Manager has made.",
  },
  {
    rule: "CT.S3.PR.2",
    at: ["*/Logs"],
    because: "It holds access logs itself, and only AWS writes them.",
  },
  { rule: "CT.S3.PR.4", at: ["*/Logs", "Site/Pages"], because: "Nobody waits for a new object." },
  {
    rule: "CT.S3.PR.5",
    at: ["Site/Logs"],
    because: "CloudFront delivers its standard logs under an access control list.",
  },
  {
    rule: "CT.S3.PR.6",
    at: ["Site/Pages"],
    because: "A page stays until a deployment replaces it.",
  },
  {
    rule: "CT.S3.PR.9",
    at: ["*/Logs", "Site/Pages"],
    because: "A deployment replaces pages, and logs go after 90 days.",
  },
  {
    rule: "CT.S3.PR.10",
    at: ["*/Logs", "Site/Pages"],
    because:
      "S3 encrypts with its own key, the only one that the balancer and S3 write access logs under. The pages are public.",
  },
  {
    rule: "CT.S3.PR.11",
    at: ["*/Logs", "Site/Pages"],
    because: "A log is written once, and the pages are in the repository with all their versions.",
  },
  { rule: "CT.SQS.PR.1", at: ["Orders/DeadLetters"], because: "It is the dead-letter queue." },
];
