import {
  type Answers,
  jsonError,
  type Question,
  type RecordedAnswer,
  xml,
  xmlError,
} from "@cloud-design/stage/testing/recorded-aws";

/** Not a stage of a person: SST's outputs in this folder are never about it. */
export const STAGE = "recorded-1";
const PREFIX = `${STAGE}-cloud-design`;
const ARN = "arn:aws:ecs:us-east-1:123456789012:service";
const NOON = "2026-11-26T12:00:00Z";
const NOON_SECONDS = Date.parse(NOON) / 1_000;

type Resources = Record<string, [id: string, type: string, physicalId: string][]>;

const FUNCTIONS: readonly (readonly [stack: string, id: string])[] = [
  ["Gateway", "Gateway"],
  ["Gateway", "OrderGateway"],
  ["Orders", "OrderBridge"],
  ["Imports", "ImportSplitter"],
  ["Imports", "ImportLoader"],
  ["Status", "StatusProbe"],
  ["Identity", "TokenScopes"],
  ["DeadLetters", "DeadLetters"],
  ["Databases", "PersonalData"],
  ["Sleep", "Sleeper"],
  ["Webhooks", "WebhookDelivery"],
  ["Databases", "Migrate"],
  ["Cluster", "Certificate"],
];

/** The stack of a broker in a container. */
export const BROKER_CONTAINER: Resources = {
  Broker: [
    ["Logs6819BB44", "AWS::Logs::LogGroup", `${PREFIX}-Broker-Logs6819BB44-x`],
    ["ServiceD69D759B", "AWS::ECS::Service", `${ARN}/stage-cluster/Broker-service`],
  ],
};

/** A stage outside prod as CloudFormation lists it, each resource beside another of a similar name. */
function resourcesOf(queueUrl: string, changes: Resources): Resources {
  const stacks: Resources = {
    Site: [["Distribution830FAC52", "AWS::CloudFront::Distribution", "E1"]],
    Broker: [["Broker", "AWS::AmazonMQ::Broker", "b-1"]],
    Databases: [
      ["inventorybillinginstanceCAD9E3C9", "AWS::RDS::DBInstance", `${PREFIX}-inventory-billing`],
      ["inventorybillingproxy6A7CC1E8", "AWS::RDS::DBProxy", `${PREFIX}-inventory-billing`],
    ],
    Orders: [
      ["Queue4A7E3555", "AWS::SQS::Queue", `${queueUrl}/orders`],
      ["Priority8E0B5D3C", "AWS::SQS::Queue", `${queueUrl}/orders-priority`],
      ["DeadLettersBBF8BAAB", "AWS::SQS::Queue", `${queueUrl}/orders-dead-letters`],
    ],
    Webhooks: [
      ["DeliveriesA4F6CE6D", "AWS::SQS::Queue", `${queueUrl}/webhook-deliveries`],
      ["Retries5E2C7B6F", "AWS::SQS::Queue", `${queueUrl}/webhook-retries`],
      ["DeadLettersBBF8BAAB", "AWS::SQS::Queue", `${queueUrl}/webhook-dead-letters`],
    ],
    Imports: [
      ["FilesQueue2D2B1C1A", "AWS::SQS::Queue", `${queueUrl}/imports`],
      ["FilesDeadLetters5A2F9A0C", "AWS::SQS::Queue", `${queueUrl}/imports-dead-letters`],
      ["ChunksQueue0D9E7B6F", "AWS::SQS::Queue", `${queueUrl}/import-chunks`],
      ["ChunksDeadLetters7C1E4D2B", "AWS::SQS::Queue", `${queueUrl}/import-chunks-dead-letters`],
    ],
  };
  for (const noun of ["Inventory", "Billing"]) {
    stacks[noun] = [
      ["CollectorLogs893ABD2A", "AWS::Logs::LogGroup", `${PREFIX}-${noun}-CollectorLogs893ABD2A-x`],
      ["Logs6819BB44", "AWS::Logs::LogGroup", `${PREFIX}-${noun}-Logs6819BB44-x`],
      ["ServiceD69D759B", "AWS::ECS::Service", `${ARN}/stage-cluster/${noun}-service`],
    ];
  }
  for (const [stack, id] of FUNCTIONS) {
    stacks[stack] = [
      ...(stacks[stack] ?? []),
      [`${id}LogsB360C1DA`, "AWS::Logs::LogGroup", `${PREFIX}-${stack}-${id}LogsB360C1DA-x`],
      [`${id}0080908B`, "AWS::Lambda::Function", `${PREFIX}-${stack}-${id}0080908B-x`],
    ];
  }
  return { ...stacks, ...changes };
}

/** AWS's answers for a stage in which everything works. A test changes those that it is about. */
export function recordedStage(
  urls: { queueUrl: string; siteUrl?: string; signInUrl?: string },
  changes: Resources = {},
): Answers {
  const { queueUrl, siteUrl = "https://d1.cloudfront.net", signInUrl = "https://sign-in.example.com" } = urls;
  const resources = resourcesOf(queueUrl, changes);
  return {
    GetCallerIdentity: xml("GetCallerIdentity", "<Account>123456789012</Account><Arn>arn</Arn>"),
    ListStackResources: ({ form }) => listOf(resources, form),
    DescribeStacks: ({ form }) => outputsOf({ siteUrl, signInUrl }, String(form.get("StackName"))),
    DescribeUserPoolClient: { body: { UserPoolClient: { ClientId: "machine-1", ClientSecret: "hush" } } },
    DescribeServices: { body: { services: [serviceOf()] } },
    GetQueueAttributes: ({ json }) => ({
      body: {
        Attributes: {
          ApproximateNumberOfMessages: String(json.QueueUrl).endsWith("dead-letters") ? "0" : "1234",
          ApproximateNumberOfMessagesNotVisible: "7",
          ApproximateNumberOfMessagesDelayed: "0",
        },
      },
    }),
    DescribeDBInstances: xml(
      "DescribeDBInstances",
      `<DBInstances><DBInstance><DBInstanceStatus>available</DBInstanceStatus><MultiAZ>false</MultiAZ><InstanceCreateTime>${NOON}</InstanceCreateTime></DBInstance></DBInstances>`,
    ),
    DescribeDBProxies: xml(
      "DescribeDBProxies",
      `<DBProxies><member><Status>available</Status><UpdatedDate>${NOON}</UpdatedDate></member></DBProxies>`,
    ),
    "GET /v1/brokers/b-1": { body: { brokerState: "RUNNING", brokerInstances: [{}], created: NOON } },
    "GET /2020-05-31/distribution/E1": {
      body: `<Distribution><Id>E1</Id><Status>InProgress</Status><LastModifiedTime>${NOON}</LastModifiedTime></Distribution>`,
    },
    ...Object.fromEntries(
      FUNCTIONS.map(([stack, id]) => [
        `GET /2015-03-31/functions/${functionName(stack, id)}/configuration`,
        {
          body: {
            State: "Active",
            LastUpdateStatus: "Successful",
            LastModified: "2026-11-26T12:00:00.000+0000",
            CodeSha256: "sha",
          },
        },
      ]),
    ),
  };
}

export function functionName(stack: string, id: string): string {
  return `${PREFIX}-${stack}-${id}0080908B-x`;
}

/** A service at rest as ECS describes it, with the given changes. */
export function serviceOf(deployment: object = {}, others: object[] = []): object {
  const rest = { id: "d-1", status: "PRIMARY", rolloutState: "COMPLETED", createdAt: NOON_SECONDS };
  const counts = { runningCount: 2, desiredCount: 2 };
  return {
    status: "ACTIVE",
    ...counts,
    deployments: [{ ...rest, ...counts, ...deployment }, ...others],
  };
}

function listOf(resources: Resources, form: Question["form"]): RecordedAnswer {
  const stack = String(form.get("StackName")).replace(`${PREFIX}-`, "");
  const found = resources[stack];
  if (found === undefined) return noStack(`${PREFIX}-${stack}`);
  // Two pages, as CloudFormation gives for more than a hundred resources.
  const isSecond = form.get("NextToken") === "2";
  const page = isSecond ? found.slice(1) : found.slice(0, 1);
  const members = page.map(
    ([id, type, physicalId]) =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>${type}</ResourceType><PhysicalResourceId>${physicalId}</PhysicalResourceId></member>`,
  );
  const next = isSecond || found.length < 2 ? "" : "<NextToken>2</NextToken>";
  return xml(
    "ListStackResources",
    `<StackResourceSummaries>${members.join("")}</StackResourceSummaries>${next}`,
  );
}

function outputsOf(urls: { siteUrl: string; signInUrl: string }, stack: string): RecordedAnswer {
  const outputs: Record<string, Record<string, string>> = {
    [`${PREFIX}-Site`]: { SiteUrl: urls.siteUrl },
    [`${PREFIX}-Identity`]: {
      SignInUrl: urls.signInUrl,
      UserPoolId: "us-east-1_Pool",
      WebClientId: "web-1",
      MachineClientId: "machine-1",
      SmokeClientId: "smoke-1",
      SeedClientId: "seed-1",
    },
  };
  return outputs[stack] ? stackOf(stack, "UPDATE_COMPLETE", outputs[stack]) : noStack(stack);
}

export function stackOf(name: string, status: string, outputs: Record<string, string> = {}): RecordedAnswer {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return xml(
    "DescribeStacks",
    `<Stacks><member><StackName>${name}</StackName><StackStatus>${status}</StackStatus><Outputs>${members.join("")}</Outputs></member></Stacks>`,
  );
}

function noStack(name: string): RecordedAnswer {
  return xmlError("ValidationError", `Stack with id ${name} does not exist`);
}

export const DENIED = jsonError("AccessDeniedException", "You may not", 400);
