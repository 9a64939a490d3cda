import { afterEach, describe, expect, it, vi } from "vitest";
import { EMPTY_ACCOUNT, stackResourcesOf, stacksOf } from "../testing/recorded-account.ts";
import { type Answers, jsonError, startRecordedAws, xml, xmlError } from "../testing/recorded-aws.ts";
import { isAsExpected, isCertain, type Receipt, receiptOf } from "./receipt.ts";

const ACCOUNT = "123456789012";
const GB = 1024 ** 3;

afterEach(() => vi.unstubAllEnvs());

/** The receipt of an account that has only these resources. */
async function receipt(answers: Answers, { stage = "dev", region = "us-east-1" } = {}): Promise<Receipt> {
  await using aws = await startRecordedAws({ ...EMPTY_ACCOUNT, ...answers });
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
  return await receiptOf(stage, ACCOUNT, { region });
}

const members = (element: string, texts: readonly string[]) =>
  texts.map((text) => `<${element}>${text}</${element}>`).join("");
const tags = (stage: string) => [
  { Key: "sst:app", Value: "cloud-design" },
  { Key: "sst:stage", Value: stage },
];
const tagList = (stage: string) =>
  `<TagList>${members(
    "Tag",
    tags(stage).map(({ Key, Value }) => `<Key>${Key}</Key><Value>${Value}</Value>`),
  )}</TagList>`;
const tagged = (...arns: string[]) => ({
  body: { ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN, Tags: [] })) },
});
const logGroups = (groups: Record<string, { storedBytes?: number; retentionInDays?: number }>) => ({
  body: { logGroups: Object.entries(groups).map(([logGroupName, about]) => ({ logGroupName, ...about })) },
});
const names = ({ left }: Receipt) => left.map(({ name }) => name);

const BROKER_LOG = "/aws/amazonmq/broker/b-1/general";
const BROKER = { type: "AWS::AmazonMQ::Broker", id: "b-1", status: "DELETE_COMPLETE" };
const HELPER_LOG = "/aws/lambda/dev-cloud-design-Broker-LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a-Xyz";
const INSIGHTS_LOG = "/aws/ecs/containerinsights/dev-cloud-design-Cluster-ClusterEB0386A7-abc/performance";

describe("the receipt of a stage", () => {
  it("is empty when nothing is left", async () => {
    const empty = await receipt({});
    expect(empty).toMatchObject({ left: [], stacks: [], unanswered: [], usdMonthly: 0, unknown: 0 });
    expect(isCertain(empty)).toBe(true);
  });

  it("expects the log groups without a stack of a cheap stage, and prices their content", async () => {
    const three = await receipt({
      ListStacks: stacksOf({ "dev-cloud-design-Broker": "DELETE_COMPLETE" }),
      ListStackResources: stackResourcesOf({ "dev-cloud-design-Broker": [BROKER] }),
      DescribeLogGroups: logGroups({
        [BROKER_LOG]: { storedBytes: 2 * GB, retentionInDays: 7 },
        [HELPER_LOG]: { storedBytes: 0, retentionInDays: 1 },
        [INSIGHTS_LOG]: { storedBytes: GB, retentionInDays: 1 },
        "/aws/lambda/somebody-elses": { storedBytes: GB },
        "/aws/lambda/my-dev-cloud-design-Gateway-1": { storedBytes: GB },
      }),
    });
    expect(names(three)).toEqual([BROKER_LOG, HELPER_LOG, INSIGHTS_LOG]);
    expect(three.left.map(({ why }) => why)).toEqual([
      "Amazon MQ creates it itself, so no stack owns it; its lines are deleted after 7 days",
      "a helper of CDK that the stacks no longer have creates it itself, so no stack owns it; its lines are deleted after a day",
      "Container Insights creates it itself, so no stack owns it; its lines are deleted after a day",
    ]);
    expect(three.usdMonthly).toBeCloseTo(3 * 0.03);
    expect(three.left[0]?.commands).toEqual([
      `aws logs delete-log-group --log-group-name ${BROKER_LOG} --region us-east-1`,
    ]);
    expect(isAsExpected(three)).toBe(true);
  });

  it("assigns a broker's log to the stage of its stack, and lists one without a known stage", async () => {
    const mixed = await receipt({
      ListStacks: stacksOf({ "pr-7-cloud-design-Broker": "CREATE_COMPLETE" }),
      ListStackResources: stackResourcesOf({
        "pr-7-cloud-design-Broker": [{ ...BROKER, status: "CREATE_COMPLETE" }],
      }),
      DescribeLogGroups: logGroups({ [BROKER_LOG]: {}, "/aws/amazonmq/broker/b-2/connection": {} }),
    });
    expect(names(mixed)).toEqual(["/aws/amazonmq/broker/b-2/connection"]);
    expect(mixed.left[0]?.why).toContain("for a broker whose stage CloudFormation no longer knows");
    expect(mixed.otherStages).toEqual(["pr-7"]);
  });

  it("reports an unknown price, not 0, for an unknown size", async () => {
    const unsized = await receipt({ DescribeLogGroups: logGroups({ [HELPER_LOG]: {} }) });
    expect(unsized.left[0]).toMatchObject({ usdMonthly: undefined });
    expect(unsized).toMatchObject({ usdMonthly: 0, unknown: 1 });
  });

  it("does not expect in a cheap stage the resources that prod keeps", async () => {
    const queue = await receipt({
      ListQueues: {
        body: { QueueUrls: ["https://sqs/123456789012/dev-cloud-design-Orders-Queue4A7E3555-1"] },
      },
      GetQueueAttributes: { body: { Attributes: { ApproximateNumberOfMessages: "3" } } },
    });
    expect(queue.left).toMatchObject([{ service: "SQS", size: "3 messages", usdMonthly: 0 }]);
    expect(isAsExpected(queue)).toBe(false);
  });

  it("prices every resource that prod keeps, with its reason and the command that removes it", async () => {
    const kept = await receipt(PROD, { stage: "prod" });
    expect(kept.unanswered).toEqual([]);
    expect(isAsExpected(kept)).toBe(true);
    const rows = kept.left.map(({ service, name, usdMonthly }) => [service, name, usdMonthly]);
    expect(rows).toEqual([
      ["RDS", "snapshot prod-cloud-design-databases-snapshot-inventory-1", 20 * 0.095],
      ["RDS backups", "automatic backups of prod-cloud-design-inventory", undefined],
      ["RDS copies", "copies of the backups of prod-cloud-design-inventory in us-west-2", undefined],
      ["SQS", "prod-cloud-design-Orders-Queue4A7E3555-1", 0],
      ["Cognito", "prod-cloud-design-Identity-UserPool6BA7E5F2-1 (us-east-1_1)", 0],
      ["S3", "prod-cloud-design-site-pages127dfd1a-1", 2 * 0.023],
      ["CloudWatch Logs", "prod-cloud-design-Gateway-GatewayLogs64F6314F-1", 0.03],
      ["KMS", "key-1 (Databases at rest)", 1],
      ["KMS", "key-2", 0],
    ]);
    expect(kept).toMatchObject({ unknown: 2 });
    expect(kept.usdMonthly).toBeCloseTo(1.9 + 0.046 + 0.03 + 1);
    const commandsOf = (service: string) =>
      kept.left.filter((row) => row.service === service).flatMap(({ commands }) => commands);
    expect(commandsOf("RDS")).toEqual([
      "aws rds delete-db-snapshot --db-snapshot-identifier prod-cloud-design-databases-snapshot-inventory-1 --region us-east-1",
    ]);
    expect(commandsOf("RDS backups")).toEqual([
      "aws rds delete-db-instance-automated-backup --dbi-resource-id db-ABC --region us-east-1",
    ]);
    expect(commandsOf("RDS copies")).toEqual([
      `aws rds delete-db-instance-automated-backup --db-instance-automated-backups-arn ${COPY} --region us-west-2`,
    ]);
    expect(commandsOf("Cognito")).toEqual([
      "aws cognito-idp update-user-pool --user-pool-id us-east-1_1 --deletion-protection INACTIVE --region us-east-1",
      "aws cognito-idp delete-user-pool --user-pool-id us-east-1_1 --region us-east-1",
    ]);
    // A key under deletion needs no command and is not billed.
    expect(kept.left.at(-1)).toMatchObject({
      why: "KMS deletes it on 2026-12-29 and bills nothing until then",
      commands: [],
    });
  });

  it("does not expect a log group of prod with a fixed name, because it would block the next deployment", async () => {
    const fixed = await receipt(
      { DescribeLogGroups: logGroups({ "aws-waf-logs-prod-cloud-design-edge": { storedBytes: 0 } }) },
      { stage: "prod" },
    );
    expect(names(fixed)).toEqual(["aws-waf-logs-prod-cloud-design-edge"]);
    expect(isAsExpected(fixed)).toBe(false);
  });

  it("lists a tagged resource only when its service still has it", async () => {
    const ghosts = await receipt({
      GetResources: tagged(
        `arn:aws:sqs:us-east-1:${ACCOUNT}:a-queue-that-is-gone`,
        `arn:aws:rds:us-east-1:${ACCOUNT}:db:a-database-that-is-gone`,
        `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:dev-cloud-design-api-errors`,
        `arn:aws:apigateway:us-east-1::/apis/abc/stages/$default`,
        `arn:aws:codedeploy:us-east-1:${ACCOUNT}:application:gone`,
        `arn:aws:codedeploy:us-east-1:${ACCOUNT}:deploymentgroup:gone/group`,
        `arn:aws:lambda:us-east-1:${ACCOUNT}:function:shortened-name`,
        `arn:aws:sns:us-east-1:${ACCOUNT}:dev-topic`,
        `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/there`,
        `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/gone`,
      ),
      ListCertificates: {
        body: {
          CertificateSummaryList: [
            { CertificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/there`, DomainName: "balancer" },
            {
              CertificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/anothers`,
              DomainName: "another",
            },
          ],
        },
      },
      "GET /2015-03-31/functions": {
        body: {
          Functions: [
            {
              FunctionName: "shortened-name",
              FunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:shortened-name`,
            },
          ],
        },
      },
      GetResource: ({ json }) =>
        json.TypeName === "AWS::SNS::Topic"
          ? { body: { TypeName: json.TypeName, ResourceDescription: { Properties: "{}" } } }
          : jsonError("ResourceNotFoundException", "It is gone."),
    });
    expect(ghosts.left.map(({ service, name }) => [service, name])).toEqual([
      ["ACM", "certificate of balancer (there)"],
      ["Lambda", "shortened-name"],
      ["SNS", `arn:aws:sns:us-east-1:${ACCOUNT}:dev-topic`],
    ]);
    expect(isAsExpected(ghosts)).toBe(false);
  });

  it("lists a resource of an unknown service, with an unknown price", async () => {
    const strange = await receipt({ GetResources: tagged(`arn:aws:quantum:us-east-1:${ACCOUNT}:cat/1`) });
    expect(strange.left).toMatchObject([{ service: "quantum", usdMonthly: undefined }]);
    expect(strange.unknown).toBe(1);
  });

  it("prices a resource without a stack by the service's own figures", async () => {
    const left = await receipt({
      GetResources: tagged(
        `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:of-two-metrics`,
        `arn:aws:wafv2:us-east-1:${ACCOUNT}:global/webacl/dev-cloud-design-edge/1`,
        `arn:aws:elasticfilesystem:us-east-1:${ACCOUNT}:file-system/fs-1`,
        `arn:aws:elasticfilesystem:us-east-1:${ACCOUNT}:access-point/fsap-1`,
        `arn:aws:servicediscovery:us-east-1:${ACCOUNT}:namespace/ns-1`,
        `arn:aws:servicediscovery:us-east-1:${ACCOUNT}:service/srv-1`,
      ),
      GetResource: ({ json }) => propertiesOf(String(json.TypeName)),
      "GET /v1/brokers": {
        body: {
          brokerSummaries: [
            {
              brokerId: "b-1",
              brokerName: "dev-cloud-design-broker",
              hostInstanceType: "mq.m7g.medium",
              deploymentMode: "SINGLE_INSTANCE",
            },
          ],
        },
      },
      DescribeNatGateways: natGateways({ "nat-1": "available", "nat-2": "deleted" }),
      DescribeInstances: instances({ "i-1": "stopped", "i-2": "terminated" }),
    });
    expect(left.left.map(({ id, usdMonthly }) => [id, usdMonthly?.toFixed(2)])).toEqual([
      ["b-1", "99.79"],
      ["nat-1", "32.85"],
      ["i-1", "7.36"],
      ["of-two-metrics", "0.20"],
      ["dev-cloud-design-edge|1|CLOUDFRONT", "9.00"],
      ["fs-1", "0.30"],
      ["ns-1", "0.50"],
      ["dev-cloud-design-overview", "3.00"],
    ]);
  });

  it("names each service that refused to answer, and is then not certain", async () => {
    const denied = await receipt({
      ListKeys: jsonError("AccessDeniedException", "User dev is not authorized to perform: kms:ListKeys"),
      GetResources: jsonError(
        "AccessDeniedException",
        "User dev is not authorized to perform: tag:GetResources",
      ),
    });
    expect(denied.unanswered.map(({ service }) => service)).toEqual(["Resource Groups Tagging API", "KMS"]);
    expect(denied.unanswered[1]?.reason).toContain("kms:ListKeys");
    expect(isCertain(denied)).toBe(false);
  });

  it("reads every page of an answer", async () => {
    const paged = await receipt({
      DescribeLogGroups: ({ json }) => {
        const page = Number(json.nextToken ?? 0);
        const group = { logGroupName: `dev-cloud-design-Gateway-${page}`, storedBytes: 0 };
        return { body: { logGroups: [group], ...(page < 60 && { nextToken: String(page + 1) }) } };
      },
      ListStacks: ({ form }) =>
        form.has("NextToken")
          ? stacksOf({ "pr-9-cloud-design-Site": "CREATE_COMPLETE" })
          : xml("ListStacks", "<StackSummaries/><NextToken>2</NextToken>"),
    });
    expect(paged.left).toHaveLength(61);
    expect(paged.otherStages).toEqual(["pr-9"]);
  });

  it("of a partial removal lists the remaining stacks, the reasons, and their resources", async () => {
    const halfway = await receipt({
      ListStacks: stacksOf({
        "dev-cloud-design-Gateway": "DELETE_COMPLETE",
        "dev-cloud-design-Network": "DELETE_FAILED",
        "dev-cloud-design-Alarms": "CREATE_COMPLETE",
      }),
      ListStackResources: stackResourcesOf({
        "dev-cloud-design-Network": [
          { type: "AWS::EC2::NatGateway", id: "nat-1", status: "DELETE_COMPLETE" },
          { type: "AWS::EC2::NatGateway", id: "nat-2" },
          {
            type: "AWS::EC2::VPC",
            id: "vpc-1",
            logicalId: "Vpc",
            status: "DELETE_FAILED",
            reason: "The vpc has dependencies.",
          },
        ],
        "dev-cloud-design-Alarms": [{ type: "AWS::CloudWatch::Alarm", id: "an-alarm", logicalId: "Rate" }],
      }),
      GetTemplate: xml(
        "GetTemplate",
        `<TemplateBody>${JSON.stringify({
          Resources: {
            Rate: {
              Properties: { Metrics: [{ MetricStat: {} }, { MetricStat: {} }, { Expression: "a/b" }] },
            },
          },
        })}</TemplateBody>`,
      ),
      DescribeNatGateways: natGateways({ "nat-1": "deleted", "nat-2": "available" }),
      GetResources: tagged(`arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:an-alarm`),
    });
    expect(halfway.left).toEqual([]);
    expect(halfway.stacks).toMatchObject([
      {
        name: "dev-cloud-design-Network",
        status: "DELETE_FAILED",
        resources: 2,
        reasons: ["Vpc: The vpc has dependencies."],
      },
      { name: "dev-cloud-design-Alarms", resources: 1, reasons: [] },
    ]);
    expect(halfway.stacks.map(({ usdMonthly }) => usdMonthly.toFixed(2))).toEqual(["32.85", "0.20"]);
    expect(isAsExpected(halfway)).toBe(false);
  });

  it("distinguishes a database from a dashboard of the same name", async () => {
    const name = "prod-cloud-design-inventory";
    const both = await receipt(
      {
        ListStacks: stacksOf({
          "prod-cloud-design-Databases": "CREATE_COMPLETE",
          "prod-cloud-design-Dashboards": "CREATE_COMPLETE",
        }),
        ListStackResources: stackResourcesOf({
          "prod-cloud-design-Databases": [{ type: "AWS::RDS::DBInstance", id: name }],
          "prod-cloud-design-Dashboards": [{ type: "AWS::CloudWatch::Dashboard", id: name }],
        }),
        GetTemplate: xml("GetTemplate", "<TemplateBody>{}</TemplateBody>"),
        DescribeDBInstances: xml(
          "DescribeDBInstances",
          `<DBInstances><DBInstance><DBInstanceIdentifier>${name}</DBInstanceIdentifier><DBInstanceClass>db.t4g.small</DBInstanceClass><AllocatedStorage>20</AllocatedStorage><MultiAZ>true</MultiAZ></DBInstance></DBInstances>`,
        ),
      },
      { stage: "prod" },
    );
    expect(both.stacks.map(({ usdMonthly }) => usdMonthly.toFixed(2))).toEqual(["51.32", "3.00"]);
  });

  it("of a stage in another region lists its firewall in us-east-1", async () => {
    const answers = { ListStacks: stacksOf({ "paris-cloud-design-Firewall": "CREATE_COMPLETE" }) };
    const paris = await receipt(answers, { stage: "paris", region: "eu-west-3" });
    expect(paris.left).toMatchObject([
      { usdMonthly: 9, commands: ["npm run remove -- Firewall --stage paris --region us-east-1"] },
    ]);
  });

  it("lists and prices the shared bootstrap only after the last stage", async () => {
    const shared = {
      DescribeStacks: xml("DescribeStacks", "<Stacks/>"),
      ListStackResources: stackResourcesOf({
        CDKToolkit: [
          { type: "AWS::S3::Bucket", id: "cdk-assets" },
          { type: "AWS::ECR::Repository", id: "cdk-images" },
        ],
        SSTBootstrap: [{ type: "AWS::S3::Bucket", id: "sst-bootstrap" }],
      }),
      DescribeImages: { body: { imageDetails: [{ imageSizeInBytes: GB }, { imageSizeInBytes: GB }] } },
      "GET /cdk-assets/": versions(GB, GB),
      "GET /sst-bootstrap/": versions(0),
    };
    const last = await receipt(shared);
    expect(last.unanswered).toEqual([]);
    expect(last.bootstrap.map(({ name, usdMonthly }) => [name, usdMonthly])).toEqual([
      ["stack SSTBootstrap", 0],
      ["sst-bootstrap", 0],
      ["cdk-images", 0.2],
      ["stack CDKToolkit", 0],
      ["cdk-assets", 0.046],
    ]);
    expect(isAsExpected(last)).toBe(true);
    const blind = await receipt({
      ...shared,
      ListStacks: xmlError("AccessDenied", "No cloudformation:ListStacks", 403),
    });
    expect(blind.bootstrap).toEqual([]);
    const other = await receipt({
      ...shared,
      ListStacks: stacksOf({ "pr-7-cloud-design-Site": "CREATE_COMPLETE" }),
    });
    expect(other).toMatchObject({ bootstrap: [], otherStages: ["pr-7"] });
  });
});

/** Cloud Control's answer for a type that the account has. */
function propertiesOf(type: string) {
  const known: Record<string, unknown> = {
    "AWS::CloudWatch::Alarm": { Metrics: [{ MetricStat: {} }, { MetricStat: {} }, { Expression: "a/b" }] },
    "AWS::WAFv2::WebACL": { Rules: [{}, {}, {}, {}] },
    "AWS::EFS::FileSystem": {},
    "AWS::ServiceDiscovery::PrivateDnsNamespace": {},
    "AWS::CloudWatch::Dashboard": {},
  };
  const properties = known[type];
  if (!properties) return jsonError("ResourceNotFoundException", "It is not there.");
  return { body: { TypeName: type, ResourceDescription: { Properties: JSON.stringify(properties) } } };
}

function natGateways(states: Record<string, string>) {
  const items = Object.entries(states).map(
    ([id, state]) => `<natGatewayId>${id}</natGatewayId><state>${state}</state>`,
  );
  return { body: `<R><natGatewaySet>${members("item", items)}</natGatewaySet></R>` };
}

function instances(states: Record<string, string>) {
  const items = Object.entries(states).map(
    ([id, state]) => `<instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState>`,
  );
  const reservation = `<instancesSet>${members("item", items)}</instancesSet>`;
  return { body: `<R><reservationSet>${members("item", [reservation])}</reservationSet></R>` };
}

function versions(...sizes: number[]) {
  const content = sizes.map((size) => `<Key>k</Key><VersionId>1</VersionId><Size>${size}</Size>`);
  return {
    body: `<ListVersionsResult><IsTruncated>false</IsTruncated>${members("Version", content)}</ListVersionsResult>`,
  };
}

const COPY = `arn:aws:rds:us-west-2:${ACCOUNT}:auto-backup:ab-1`;
const SERVER = "<DBInstanceIdentifier>prod-cloud-design-inventory</DBInstanceIdentifier>";
const PROD: Answers = {
  DescribeDBSnapshots: xml(
    "DescribeDBSnapshots",
    `<DBSnapshots>${members("DBSnapshot", [
      `<DBSnapshotIdentifier>prod-cloud-design-databases-snapshot-inventory-1</DBSnapshotIdentifier>${SERVER}<AllocatedStorage>20</AllocatedStorage>${tagList("prod")}`,
      "<DBSnapshotIdentifier>another</DBSnapshotIdentifier><DBInstanceIdentifier>another</DBInstanceIdentifier><AllocatedStorage>500</AllocatedStorage>",
    ])}</DBSnapshots>`,
  ),
  DescribeDBInstanceAutomatedBackups: xml(
    "DescribeDBInstanceAutomatedBackups",
    `<DBInstanceAutomatedBackups>${members("DBInstanceAutomatedBackup", [
      `<DbiResourceId>db-ABC</DbiResourceId>${SERVER}<Status>retained</Status><BackupRetentionPeriod>14</BackupRetentionPeriod>`,
      `<DbiResourceId>db-DEF</DbiResourceId>${SERVER}<Status>active</Status>`,
      `${SERVER}<Region>us-east-1</Region><Status>stopped</Status><DBInstanceAutomatedBackupsArn>${COPY}</DBInstanceAutomatedBackupsArn>`,
      `${SERVER}<Region>us-east-1</Region><Status>replicating</Status>`,
      `${SERVER}<Region>us-west-2</Region><Status>stopped</Status>`,
    ])}</DBInstanceAutomatedBackups>`,
  ),
  ListQueues: { body: { QueueUrls: ["https://sqs/123456789012/prod-cloud-design-Orders-Queue4A7E3555-1"] } },
  GetQueueAttributes: { body: { Attributes: { ApproximateNumberOfMessages: "0" } } },
  ListUserPools: {
    body: { UserPools: [{ Id: "us-east-1_1", Name: "prod-cloud-design-Identity-UserPool6BA7E5F2-1" }] },
  },
  DescribeUserPool: {
    body: {
      UserPool: {
        Id: "us-east-1_1",
        Name: "prod-cloud-design-Identity-UserPool6BA7E5F2-1",
        DeletionProtection: "ACTIVE",
        EstimatedNumberOfUsers: 4,
      },
    },
  },
  "GET /": {
    body: `<ListAllMyBucketsResult><Buckets>${members("Bucket", [
      "<Name>prod-cloud-design-site-pages127dfd1a-1</Name><BucketRegion>us-east-1</BucketRegion>",
      "<Name>prod-cloud-design-site-pages127dfd1a-2</Name><BucketRegion>eu-west-3</BucketRegion>",
    ])}</Buckets></ListAllMyBucketsResult>`,
  },
  "GET /prod-cloud-design-site-pages127dfd1a-1/": versions(GB, GB),
  DescribeLogGroups: logGroups({
    "prod-cloud-design-Gateway-GatewayLogs64F6314F-1": { storedBytes: GB, retentionInDays: 90 },
  }),
  ListKeys: {
    body: { Keys: [{ KeyId: "key-1" }, { KeyId: "key-2" }, { KeyId: "key-aws" }, { KeyId: "key-other" }] },
  },
  DescribeKey: ({ json }) => ({
    body: {
      KeyMetadata: {
        KeyId: json.KeyId,
        KeyManager: json.KeyId === "key-aws" ? "AWS" : "CUSTOMER",
        ...(json.KeyId === "key-1" && { Description: "Databases at rest", KeyState: "Enabled" }),
        ...(json.KeyId === "key-2" && {
          KeyState: "PendingDeletion",
          DeletionDate: Date.UTC(2026, 11, 29) / 1_000,
        }),
      },
    },
  }),
  ListResourceTags: ({ json }) => ({
    body: {
      Tags: tags(json.KeyId === "key-other" ? "dev" : "prod").map(({ Key, Value }) => ({
        TagKey: Key,
        TagValue: Value,
      })),
    },
  }),
};
