import type { Preset } from "@cloud-design/stage/settings";

/** The rights of a role. Each `*` has its reason. */
interface Right {
  actions: readonly string[];
  on: readonly string[];
  /** The condition, as JSON. */
  if?: string;
  because?: string;
}

export interface ExpectedRole {
  trusts: string;
  /** AWS's managed policies. */
  managed?: readonly string[];
  may: readonly Right[];
}

const LAMBDA = "lambda.amazonaws.com";
const TASKS = "ecs-tasks.amazonaws.com";

const write = (logGroup: string): Right => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  on: [`${logGroup}.Arn`],
});
const read = (...secrets: string[]): Right => ({
  actions: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
  on: secrets,
});
const TRACE: Right = {
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  on: ["*"],
  because: "X-Ray has no resource that a trace would belong to",
};
const CONSUME = [
  "sqs:ReceiveMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueUrl",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
];
const NETWORK_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];
const STAND_IN_THE_NETWORK: Right[] = [
  {
    actions: NETWORK_ACTIONS,
    on: ["*"],
    because:
      "Lambda makes the interface with these rights before it has a name, and EC2 describes all or none",
  },
  {
    actions: NETWORK_ACTIONS.map((action) => `not ${action}`),
    on: ["*"],
    if: JSON.stringify({ Null: { "lambda:SourceFunctionArn": "false" } }),
    because: "what Lambda may do, the function's own code may not",
  },
];

/** The rights that SST gives to its own helpers. */
const stageTags = (of: "RequestTag" | "ResourceTag", stage: string) =>
  JSON.stringify({ StringEquals: { [`aws:${of}/sst:app`]: "cloud-design", [`aws:${of}/sst:stage`]: stage } });

const executionRole = (...logGroups: string[]): ExpectedRole => ({
  trusts: TASKS,
  may: [
    {
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
      on: [
        "arn:aws:ecr:us-east-1:123456789012:repository/cdk-hnb659fds-container-assets-123456789012-us-east-1",
      ],
    },
    { actions: ["ecr:GetAuthorizationToken"], on: ["*"], because: "it knows no resource" },
    ...logGroups.map(write),
  ],
});

/** A function of CDK that only a deployment calls. It comes with this policy and accepts no other role. */
const helper = (...may: Right[]): ExpectedRole => ({
  trusts: LAMBDA,
  managed: ["service-role/AWSLambdaBasicExecutionRole"],
  may,
});

const proxyRole = (...secrets: string[]): ExpectedRole => ({
  trusts: "rds.amazonaws.com",
  may: [read(...secrets)],
});

const migrateRole = (...administrators: string[]): ExpectedRole => ({
  trusts: LAMBDA,
  may: [
    write("Databases/MigrateLogs"),
    ...STAND_IN_THE_NETWORK,
    read(...administrators, "Databases/InventoryCredentials", "Databases/BillingCredentials"),
  ],
});

const personalDataRole = (administrator: string): ExpectedRole => ({
  trusts: LAMBDA,
  may: [write("Databases/PersonalDataLogs"), ...STAND_IN_THE_NETWORK, read(administrator)],
});

const certificateRole = (stage: string, ...brokers: string[]): ExpectedRole => ({
  trusts: LAMBDA,
  may: [
    write("Cluster/CertificateLogs"),
    read("Cluster/Authority"),
    {
      actions: ["secretsmanager:PutSecretValue"],
      on: ["Cluster/Authority", "Cluster/TaskCertificate", ...brokers],
    },
    {
      actions: ["acm:ImportCertificate", "acm:AddTagsToCertificate"],
      on: ["arn:aws:acm:us-east-1:123456789012:certificate/*"],
      if: stageTags("RequestTag", stage),
      because: "ACM gives a certificate its name when it is made",
    },
    {
      actions: ["acm:ImportCertificate", "acm:DeleteCertificate"],
      on: ["arn:aws:acm:us-east-1:123456789012:certificate/*"],
      if: stageTags("ResourceTag", stage),
      because: "the one that it has made itself, by its tags",
    },
  ],
});

const sleeperRole = (stage: string, isLearner: boolean, ...servers: string[]): ExpectedRole => ({
  trusts: LAMBDA,
  may: [
    write("Sleep/SleeperLogs"),
    {
      actions: ["ssm:GetParameter", "ssm:PutParameter"],
      on: ["arn:aws:ssm:us-east-1:123456789012:parameterSleep/State"],
    },
    {
      actions: [
        "cloudwatch:DescribeAlarms",
        "application-autoscaling:DescribeScalableTargets",
        ...(isLearner ? ["ec2:DescribeInstances"] : []),
      ],
      on: ["*"],
      because: "these questions support nothing narrower",
    },
    {
      actions: ["cloudwatch:EnableAlarmActions", "cloudwatch:DisableAlarmActions"],
      on: [`arn:aws:cloudwatch:us-east-1:123456789012:alarm:${stage}-cloud-design-*`],
      because: "every alarm of the stage",
    },
    {
      actions: ["events:DescribeRule", "events:EnableRule", "events:DisableRule"],
      on: ["Status/EveryMinute.Arn"],
    },
    {
      actions: ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
      on: [
        "Imports/ImportSplitter/SqsEventSource:ImportsFilesQueue.EventSourceMappingArn",
        "Imports/ImportLoader/SqsEventSource:ImportsChunksQueue.EventSourceMappingArn",
        "Webhooks/WebhookDelivery/SqsEventSource:WebhooksDeliveries.EventSourceMappingArn",
        "Orders/OrderBridge/SqsEventSource:OrdersQueue.EventSourceMappingArn",
        "Orders/OrderBridge/SqsEventSource:OrdersPriority.EventSourceMappingArn",
      ],
    },
    {
      actions: ["ecs:DescribeServices", "ecs:UpdateService"],
      on: [
        ...(isLearner ? ["Broker/Service/Service"] : []),
        "Inventory/Service/Service",
        "Billing/Service/Service",
      ],
    },
    {
      actions: ["application-autoscaling:RegisterScalableTarget"],
      on: ["arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*"],
      if: JSON.stringify({ StringEquals: { "application-autoscaling:service-namespace": "ecs" } }),
      because: "CloudFormation does not know a target's name; the right to the service is the narrow one",
    },
    { actions: ["rds:DescribeDBInstances", "rds:StopDBInstance", "rds:StartDBInstance"], on: servers },
    ...(isLearner
      ? [
          {
            actions: ["ec2:StartInstances", "ec2:StopInstances"],
            on: ["arn:aws:ec2:us-east-1:123456789012:instance/*"],
            if: JSON.stringify({ StringEquals: { "aws:ResourceTag/cloud-design:nat": stage } }),
            because: "the instance is known by its tag",
          },
        ]
      : []),
    { actions: ["s3:GetObject"], on: ["Site/Pages.Arn/*"], because: "it reads what the page is made of" },
    { actions: ["s3:ListBucket"], on: ["Site/Pages.Arn"] },
    {
      actions: ["s3:PutObject"],
      on: ["Site/Pages.Arn/status/status.json", "Site/Pages.Arn/status/index.html"],
    },
  ],
});

/** The queues of all lanes. */
const LANES_ARNS = ["Orders/Queue.Arn", "Orders/Priority.Arn"];

const ROLLS_OUT: ExpectedRole = {
  trusts: "codedeploy.amazonaws.com",
  managed: ["service-role/AWSCodeDeployRoleForLambdaLimited"],
  may: [],
};

const EVERYWHERE: Record<string, ExpectedRole> = {
  "Gateway/GatewayRole": {
    trusts: LAMBDA,
    may: [
      write("Gateway/GatewayLogs"),
      TRACE,
      ...STAND_IN_THE_NETWORK,
      read("Gateway/OrderIdSecret", "Site/OriginSecret"),
      { actions: ["sqs:GetQueueAttributes"], on: LANES_ARNS },
    ],
  },
  "Gateway/OrderGatewayRole": {
    trusts: LAMBDA,
    may: [
      write("Gateway/OrderGatewayLogs"),
      TRACE,
      read("Gateway/OrderIdSecret", "Site/OriginSecret"),
      { actions: ["sqs:SendMessage"], on: LANES_ARNS },
    ],
  },
  "Gateway/Rollout/ServiceRole": ROLLS_OUT,
  "Gateway/OrderRollout/ServiceRole": ROLLS_OUT,
  "Orders/OrderBridgeRole": {
    trusts: LAMBDA,
    may: [
      write("Orders/OrderBridgeLogs"),
      TRACE,
      ...STAND_IN_THE_NETWORK,
      read("Broker/Credentials"),
      // CDK grants each event source its queue.
      ...LANES_ARNS.map((queue) => ({
        actions: [
          "sqs:ReceiveMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueUrl",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
        ],
        on: [queue],
      })),
    ],
  },
  "DeadLetters/DeadLettersRole": {
    trusts: LAMBDA,
    may: [
      write("DeadLetters/DeadLettersLogs"),
      TRACE,
      ...STAND_IN_THE_NETWORK,
      read("Broker/Credentials"),
      {
        actions: [
          "sqs:ReceiveMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
        ],
        on: ["Orders/DeadLetters.Arn"],
      },
      { actions: ["sqs:SendMessage"], on: LANES_ARNS },
    ],
  },
  "Status/StatusProbeRole": {
    trusts: LAMBDA,
    may: [
      write("Status/StatusProbeLogs"),
      TRACE,
      ...STAND_IN_THE_NETWORK,
      read("Broker/Credentials"),
      { actions: ["sqs:GetQueueAttributes"], on: [...LANES_ARNS, "Orders/DeadLetters.Arn"] },
      { actions: ["logs:FilterLogEvents"], on: ["Gateway/OrderGatewayLogs.Arn"] },
      { actions: ["cognito-idp:DescribeUserPoolClient"], on: ["Identity/UserPool.Arn"] },
      {
        actions: ["s3:GetObject"],
        on: ["Site/Pages.Arn/*"],
        because: "it reads what the site is made of, which everybody may read, and its own ledger",
      },
      { actions: ["s3:ListBucket"], on: ["Site/Pages.Arn"] },
      {
        actions: ["s3:PutObject"],
        on: [
          "Site/Pages.Arn/status/status.json",
          "Site/Pages.Arn/status/history.json",
          "Site/Pages.Arn/status/index.html",
          "Site/Pages.Arn/status/feed.atom",
          "Site/Pages.Arn/ledger/orders.json",
        ],
      },
    ],
  },
  "Webhooks/WebhookDeliveryRole": {
    trusts: LAMBDA,
    may: [
      write("Webhooks/WebhookDeliveryLogs"),
      read("Webhooks/Secret"),
      { actions: ["sqs:SendMessage"], on: ["Webhooks/Retries.Arn", "Webhooks/DeadLetters.Arn"] },
      { actions: CONSUME, on: ["Webhooks/Deliveries.Arn"] },
    ],
  },
  "Imports/ImportSplitterRole": {
    trusts: LAMBDA,
    may: [
      write("Imports/ImportSplitterLogs"),
      TRACE,
      {
        actions: ["s3:GetObject"],
        on: ["Imports/Files.Arn/imports/*/upload", "Imports/Files.Arn/imports/*/sent"],
        because: "the file of each import, and the mark that it is split",
      },
      {
        actions: ["s3:PutObject"],
        on: [
          "Imports/Files.Arn/imports/*/chunks/*",
          "Imports/Files.Arn/imports/*/sent",
          "Imports/Files.Arn/reports/*",
        ],
        because: "the chunks and the report of each import, and the mark that it is split",
      },
      { actions: ["s3:ListBucket"], on: ["Imports/Files.Arn"] },
      { actions: ["sqs:SendMessage"], on: ["Imports/ChunksQueue.Arn"] },
      { actions: CONSUME, on: ["Imports/FilesQueue.Arn"] },
    ],
  },
  "Imports/ImportLoaderRole": {
    trusts: LAMBDA,
    may: [
      write("Imports/ImportLoaderLogs"),
      TRACE,
      ...STAND_IN_THE_NETWORK,
      read("Databases/InventoryCredentials"),
      {
        actions: ["s3:GetObject"],
        on: ["Imports/Files.Arn/imports/*/chunks/*"],
        because: "the chunks of each import",
      },
      { actions: ["s3:ListBucket"], on: ["Imports/Files.Arn"] },
      { actions: CONSUME, on: ["Imports/ChunksQueue.Arn"] },
    ],
  },
  "Identity/TokenScopesRole": { trusts: LAMBDA, may: [write("Identity/TokenScopesLogs")] },
  "Inventory/Task/TaskRole": {
    trusts: TASKS,
    may: [
      TRACE,
      read(
        "Databases/InventoryCredentials",
        "Broker/Credentials",
        "Webhooks/Secret",
        "Cluster/TaskCertificate",
      ),
      {
        actions: ["s3:PutObject"],
        on: ["Imports/Files.Arn/imports/*/upload"],
        because: "the form that it signs for one import has no other right, and only for that import's key",
      },
      {
        actions: ["s3:GetObject"],
        on: ["Imports/Files.Arn/reports/*"],
        because: "the report of each import",
      },
      { actions: ["sqs:SendMessage"], on: ["Webhooks/Deliveries.Arn", "Webhooks/Retries.Arn"] },
      { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage"], on: ["Webhooks/Retries.Arn"] },
    ],
  },
  "Inventory/Task/ExecutionRole": executionRole("Inventory/Logs", "Inventory/CollectorLogs"),
  "Billing/Task/TaskRole": {
    trusts: TASKS,
    may: [TRACE, read("Databases/BillingCredentials", "Broker/Credentials", "Cluster/TaskCertificate")],
  },
  "Billing/Task/ExecutionRole": executionRole("Billing/Logs", "Billing/CollectorLogs"),
  "Network/Vpc/FlowLog/IAMRole": {
    trusts: "vpc-flow-logs.amazonaws.com",
    may: [write("Network/FlowLogs"), { actions: ["logs:DescribeLogStreams"], on: ["Network/FlowLogs.Arn"] }],
  },
  "Network/Custom::VpcRestrictDefaultSGCustomResourceProvider/Role": helper({
    actions: [
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:AuthorizeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
      "ec2:RevokeSecurityGroupEgress",
    ],
    on: ["arn:aws:ec2:us-east-1:123456789012:security-group/Network/Vpc.DefaultSecurityGroup"],
  }),
  "Databases/AWSCDK.TriggerCustomResourceProviderCustomResourceProvider/Role": helper({
    actions: ["lambda:InvokeFunction"],
    on: ["Databases/Migrate.Arn:*"],
    because: "each deployment publishes a version of the function, and runs that",
  }),
  "Site/Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C256MiB/ServiceRole": helper(
    {
      actions: ["s3:GetObject*", "s3:GetBucket*", "s3:List*"],
      on: [
        "arn:aws:s3:::cdk-hnb659fds-assets-123456789012-us-east-1",
        "arn:aws:s3:::cdk-hnb659fds-assets-123456789012-us-east-1/*",
      ],
      because: "CDK writes it so; it reads what the deployment has uploaded",
    },
    {
      actions: [
        "s3:GetObject*",
        "s3:GetBucket*",
        "s3:List*",
        "s3:DeleteObject*",
        "s3:PutObject",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionTagging",
        "s3:Abort*",
      ],
      on: ["Site/Pages.Arn", "Site/Pages.Arn/*"],
      because: "CDK writes it so; all of the bucket is what it deploys",
    },
  ),
};

const AMAZON_MQ: Record<string, ExpectedRole> = {
  "Broker/AWS679f53fac002430cb0da5b7982bd2287/ServiceRole": helper({
    actions: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
    on: ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/amazonmq/broker/Broker/Broker/general:*"],
    because: "CloudWatch Logs knows a log group by its ARN with `:*` behind it",
  }),
};

const BROKER_CONTAINER: Record<string, ExpectedRole> = {
  "Broker/Task/TaskRole": {
    trusts: TASKS,
    may: [
      {
        actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        on: ["Broker/Files.Arn"],
        if: JSON.stringify({
          StringEquals: {
            "elasticfilesystem:AccessPointArn":
              "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/<Broker/Files/AccessPoint>",
          },
        }),
      },
    ],
  },
  // A public image needs no right.
  "Broker/Task/ExecutionRole": {
    trusts: TASKS,
    may: [write("Broker/Logs"), read("Broker/Credentials", "Cluster/BrokerCertificate")],
  },
};

/** In each stage but prod. */
const elsewhere = (stage: string): Record<string, ExpectedRole> => ({
  ...EVERYWHERE,
  "Sleep/SleeperRole": sleeperRole(
    stage,
    stage === "learner",
    "Databases/inventory-billing-instance.DBInstanceArn",
  ),
  "Databases/MigrateRole": migrateRole("Databases/inventory-billing-administrator/Attachment"),
  "Databases/PersonalDataRole": personalDataRole("Databases/inventory-billing-administrator/Attachment"),
  "Tunnel/Task/TaskRole": {
    trusts: TASKS,
    may: [
      {
        actions: [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        on: ["*"],
        because: "a channel has no name; this is all that ECS Exec's agent asks",
      },
    ],
  },
  "Tunnel/Task/ExecutionRole": executionRole("Tunnel/Logs"),
  // They empty buckets before their deletion, by the buckets' own policies.
  "Site/Custom::S3AutoDeleteObjectsCustomResourceProvider/Role": helper(),
  "Cluster/Custom::S3AutoDeleteObjectsCustomResourceProvider/Role": helper(),
  "Imports/Custom::S3AutoDeleteObjectsCustomResourceProvider/Role": helper(),
});

/** Every role, with all of its rights. */
export const EXPECTED_ROLES: Record<Preset, Record<string, ExpectedRole>> = {
  hardened: {
    ...EVERYWHERE,
    ...AMAZON_MQ,
    "Cluster/CertificateRole": certificateRole("prod"),
    "Sleep/SleeperRole": sleeperRole(
      "prod",
      false,
      "Databases/inventory-instance.DBInstanceArn",
      "Databases/billing-instance.DBInstanceArn",
    ),
    "Databases/MigrateRole": migrateRole(
      "Databases/inventory-administrator/Attachment",
      "Databases/billing-administrator/Attachment",
    ),
    "Databases/PersonalDataRole": personalDataRole("Databases/billing-administrator/Attachment"),
    "Databases/inventory-proxy/IAMRole": proxyRole("Databases/InventoryCredentials"),
    "Databases/billing-proxy/IAMRole": proxyRole("Databases/BillingCredentials"),
  },
  standard: {
    ...elsewhere("dev"),
    ...AMAZON_MQ,
    "Cluster/CertificateRole": certificateRole("dev"),
    "Databases/inventory-billing-proxy/IAMRole": proxyRole(
      "Databases/InventoryCredentials",
      "Databases/BillingCredentials",
    ),
  },
  learner: {
    ...elsewhere("learner"),
    ...BROKER_CONTAINER,
    "Cluster/CertificateRole": certificateRole("learner", "Cluster/BrokerCertificate"),
    // CDK gives every instance a role; this one calls nothing.
    "Network/Vpc/publicSubnet1/NatInstance/InstanceRole": { trusts: "ec2.amazonaws.com", may: [] },
  },
};
