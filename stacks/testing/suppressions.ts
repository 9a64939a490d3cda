/** A finding that stays, with the reason. */
export interface Suppression {
  rule: string;
  /** Names of resources, `*` for any part of one. */
  at: readonly string[];
  /** The one action or resource, where the rule names one; `*` for any part of it. */
  detail?: string;
  because: string;
}

/** CDK's helpers, which run only during a deployment. */
const HELPERS = ["*/Custom::*", "Databases/AWSCDK.Trigger*", "Broker/AWS*"];
const IN_THE_NETWORK = [
  "Gateway/Gateway",
  "Orders/OrderBridge",
  "DeadLetters/DeadLetters",
  "Imports/ImportLoader",
  "Databases/Migrate",
  "Databases/PersonalData",
  "Status/StatusProbe",
];
const NAT_INSTANCE = "Network/Vpc/publicSubnet1/NatInstance";
/** Routes that need no token, by design. */
const WITHOUT_TOKEN = [
  { at: ["Gateway/ANY *"], because: "It only answers 405 with the methods that the path has." },
  {
    at: ["Gateway/GET --api--status", "Gateway/HEAD --api--status"],
    because: "The status page and external probes have no token; the answer says which parts are up.",
  },
  {
    at: ["Gateway/GET --health--*", "Gateway/HEAD --health--*"],
    because: "A probe has no token; the answer says that the function runs.",
  },
];

/** cdk-nag's AwsSolutions, in any stage. */
export const NAG_SUPPRESSIONS: readonly Suppression[] = [
  ...WITHOUT_TOKEN.map((route) => ({ rule: "AwsSolutions-APIG4", ...route })),
  {
    rule: "AwsSolutions-CFR1",
    at: ["Site/Distribution"],
    because: "The store sells everywhere. A restriction to countries belongs in stacks/site.ts.",
  },
  {
    rule: "AwsSolutions-CFR2",
    at: ["Site/Distribution"],
    because:
      "A learner's stage has no firewall (hasFirewall in packages/stage/src/settings.ts); API Gateway throttles each route.",
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
    because: "A second factor is offered to every user and not required: the store only sells films.",
  },
  {
    rule: "AwsSolutions-COG3",
    at: ["Identity/UserPool"],
    because: "Threat protection comes only with Cognito's Plus plan, which bills the first 10,000 users too.",
  },
  {
    rule: "AwsSolutions-EC28",
    at: [NAT_INSTANCE],
    because: "No alarm reads its metrics, so a figure each minute would only cost more.",
  },
  {
    rule: "AwsSolutions-EC29",
    at: [NAT_INSTANCE],
    because: "It holds no data, and the stage must be deleted completely.",
  },
  {
    rule: "AwsSolutions-ECS2",
    at: ["Inventory/Task", "Billing/Task"],
    because:
      "The environment holds addresses and the ARNs of secrets. A task reads the secrets themselves when it connects.",
  },
  {
    rule: "AwsSolutions-ECS2",
    at: ["Broker/Task"],
    because: "The environment holds the configuration. Passwords and keys come as ECS's secrets.",
  },
  {
    rule: "AwsSolutions-ECS4",
    at: ["Cluster/Cluster"],
    because:
      "A learner's stage has a fixed number of tasks, which nothing scales by these metrics (hasContainerInsights in packages/stage/src/settings.ts).",
  },
  {
    rule: "AwsSolutions-IAM4",
    at: HELPERS,
    detail: "*/AWSLambdaBasicExecutionRole",
    because: "CDK gives its own helpers this role and accepts no other.",
  },
  {
    rule: "AwsSolutions-IAM4",
    at: ["Gateway/Rollout/ServiceRole", "Gateway/OrderRollout/ServiceRole"],
    detail: "*/AWSCodeDeployRoleForLambdaLimited",
    because:
      "Only AWS knows the calls by which CodeDeploy moves an alias. Only CodeDeploy can take this role; it may move aliases and read alarms.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: IN_THE_NETWORK.map((name) => `${name}Role/DefaultPolicy`),
    detail: "Resource::*",
    because:
      "Lambda makes its network interfaces with the function's rights, and EC2 can describe only all of them. X-Ray has no resource for a trace.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: [
      "Gateway/OrderGatewayRole/DefaultPolicy",
      "Imports/ImportSplitterRole/DefaultPolicy",
      "Inventory/Task/TaskRole/DefaultPolicy",
      "Billing/Task/TaskRole/DefaultPolicy",
    ],
    detail: "Resource::*",
    because: "X-Ray has no resource for a trace.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Inventory/Task/ExecutionRole/*", "Billing/Task/ExecutionRole/*", "Tunnel/Task/ExecutionRole/*"],
    detail: "Resource::*",
    because: "ecr:GetAuthorizationToken supports no resource.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Tunnel/Task/TaskRole/DefaultPolicy"],
    detail: "Resource::*",
    because: "ECS Exec's agent needs it, and a channel of Session Manager has no name.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Broker/Log*/CustomResourcePolicy"],
    because: "The ARN of a log group ends in `:*`. It is the one group that Amazon MQ makes.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Databases/AWSCDK.Trigger*"],
    detail: "Resource::<Migrate*.Arn>:*",
    because: "It covers each version of the one function that runs the migrations.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Site/Custom::CDKBucketDeployment*"],
    because: "CDK's helper reads the uploads of the deployment and writes the bucket of the pages.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Cluster/CertificateRole/DefaultPolicy"],
    detail: "Resource::arn:*:certificate/*",
    because: "A certificate has no ARN before ACM creates it; both rights require the tags of the stage.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Imports/ImportSplitterRole/DefaultPolicy", "Imports/ImportLoaderRole/DefaultPolicy"],
    detail: "Resource::*Files*.Arn>/*",
    because:
      "An import has an id of its own in its keys. Only one kind of its objects is allowed: file, chunks or report.",
  },
  {
    rule: "AwsSolutions-IAM5",
    at: ["Sleep/SleeperRole/DefaultPolicy"],
    because:
      "AWS answers questions for alarms, scaling and instances only for all of them. Alarms are changed by the stage's prefix, the NAT instance by its tag, and scaling also needs the right to the service.",
  },
  {
    rule: "AwsSolutions-L1",
    at: HELPERS,
    because: "CDK tests its helpers on the runtime that it names.",
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
    because:
      "Outside prod everything in a stage is deleted with it (keepsData in packages/stage/src/settings.ts).",
  },
  {
    rule: "AwsSolutions-RDS11",
    at: ["Databases/*-instance"],
    because:
      "RDS Proxy supports no other port, and only it or the services, the migrations and `personal-data` can reach this one.",
  },
  {
    rule: "AwsSolutions-S1",
    at: ["Imports/Files"],
    because:
      "The table `imports` says who sent which file and when. The bucket accepts only signed forms and two functions, and keeps an object for seven days.",
  },
  {
    rule: "AwsSolutions-S1",
    at: ["Cluster/Logs"],
    because: "It is the bucket for access logs, and only AWS writes them.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Databases/*"],
    because:
      "RDS Proxy does not support rotation with two users, and with one it refuses sign-ins for a moment. An operator rotates by hand, at a chosen time; services read the password at each connect.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Broker/Credentials"],
    because:
      "Secrets Manager has no rotation for RabbitMQ. An operator rotates by hand; services read the password at each connect.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Cluster/Authority"],
    because: "Its clients learn a new authority only from a deployment; docs/deploy.md says how to make one.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Cluster/TaskCertificate", "Cluster/BrokerCertificate"],
    because: "A function writes a new one each week, on a schedule that the rule does not see.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Gateway/OrderIdSecret"],
    because: "A new value would turn every order id issued so far into a 404.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Webhooks/Secret"],
    because: "After a new value every receiver would refuse the signatures until its webhook is made anew.",
  },
  {
    rule: "AwsSolutions-SMG4",
    at: ["Site/OriginSecret"],
    because:
      "CloudFront learns it only from a deployment, so a rotation without one would lock CloudFront out.",
  },
];

/** AWS Control Tower's rules for cfn-guard, in prod. */
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
      "It holds only without a domain. With SITE_DOMAIN the distribution has a certificate, SNI, and TLS 1.2 and later.",
  })),
  {
    rule: "CT.CLOUDWATCH.PR.1",
    at: ["Slos/Alarm-*-long", "Slos/Alarm-*-short"],
    because: "It is a part of a composite alarm, which notifies when both parts ring.",
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
      "CloudWatch encrypts every log with a key of its own. No log holds a secret or the content of an order.",
  },
  {
    rule: "CT.ELASTICLOADBALANCING.PR.2",
    at: ["Inventory/Listener", "Billing/Listener"],
    because: "It has one: the rule does not follow an ARN that another stack exports.",
  },
  {
    rule: "CT.KMS.PR.3",
    at: ["Alerts/Key", "a resource of prod-cloud-design-Alerts", "Databases/Key"],
    because: "The key trusts the account, whose administrators alone may grant: no role of these stacks can.",
  },
  {
    rule: "CT.LAMBDA.PR.2",
    at: ["Gateway/GET --api--movies/ApiPermission*", "Gateway/POST --api--billing/ApiPermission*"],
    because: "It names this API as the source. The rule does not read an ARN that `Fn::Join` builds.",
  },
  {
    rule: "CT.LAMBDA.PR.3",
    at: IN_THE_NETWORK,
    because: "It is in the VPC. The rule does not follow subnets that another stack exports.",
  },
  {
    rule: "CT.LAMBDA.PR.3",
    at: [
      "Gateway/OrderGateway",
      "Imports/ImportSplitter",
      "Identity/TokenScopes",
      "Cluster/Certificate",
      "Webhooks/WebhookDelivery",
      "Sleep/Sleeper",
      ...HELPERS,
    ],
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
    because:
      "RDS Proxy supports no other port, and only it, the migrations and `personal-data` can reach this one.",
  },
  {
    rule: "CT.RDS.PR.7",
    at: ["Databases/*-instance"],
    because: "Only the proxy signs in, with passwords that Secrets Manager generates.",
  },
  {
    rule: "CT.S3.PR.2",
    at: ["*/Logs"],
    because: "It is the bucket for access logs, and only AWS writes them.",
  },
  {
    rule: "CT.S3.PR.2",
    at: ["Imports/Files"],
    because: "The table `imports` says who sent which file and when; an object is kept for seven days.",
  },
  { rule: "CT.S3.PR.4", at: ["*/Logs", "Site/Pages"], because: "No process reacts to a new object." },
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
  {
    rule: "CT.S3.PR.9",
    at: ["Imports/Files"],
    because: "An object is kept for seven days; a lock would keep it from its deletion.",
  },
  {
    rule: "CT.S3.PR.10",
    at: ["Imports/Files"],
    because: "S3 encrypts with its own key. Every caller may read the movies afterwards.",
  },
  {
    rule: "CT.S3.PR.11",
    at: ["Imports/Files"],
    because: "An import has an id of its own, and its objects are written with the same content each time.",
  },
  {
    rule: "CT.SQS.PR.1",
    at: ["Orders/DeadLetters", "Webhooks/DeadLetters", "Imports/*DeadLetters"],
    because: "It is the dead-letter queue.",
  },
];
