import { type Answers, jsonError, type RecordedAnswer, xml, xmlError } from "./recorded-aws.ts";

export const ACCOUNT = "123456789012";
export const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/session`;

const quota = (value: number): RecordedAnswer => ({ body: { Quota: { Value: value } } });

/** Amazon MQ's two sizes, as `DescribeBrokerInstanceOptions` lists them for these zones. */
export const brokerOptions = (zones: readonly string[] = ["us-east-1a", "us-east-1b", "us-east-1d"]) =>
  [
    { hostInstanceType: "mq.m7g.medium", supportedDeploymentModes: ["SINGLE_INSTANCE"] },
    { hostInstanceType: "mq.m7g.large", supportedDeploymentModes: ["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"] },
  ].map((option) => ({
    ...option,
    engineType: "RABBITMQ",
    supportedEngineVersions: ["3.13", "4.2"],
    availabilityZones: zones.map((name) => ({ name })),
  }));

/** Answers of the EC2 query protocol. */
export const ec2 = (action: string, content: string): RecordedAnswer => ({
  body: `<${action}Response>${content}</${action}Response>`,
});

export const NO_REPOSITORY: RecordedAnswer = {
  body: { scanningConfigurations: [], failures: [{ failureCode: "REPOSITORY_NOT_FOUND" }] },
};

/** The answers of an account with every right and room for a stage, in which nothing exists yet. */
export const EMPTY_ACCOUNT: Answers = {
  GetCallerIdentity: xml(
    "GetCallerIdentity",
    `<Account>${ACCOUNT}</Account><UserId>U</UserId><Arn>${CALLER}</Arn>`,
  ),
  "GET /v1/broker-instance-options": { body: { brokerInstanceOptions: brokerOptions() } },
  DescribeAvailabilityZones: ec2(
    "DescribeAvailabilityZones",
    `<availabilityZoneInfo>${["a:1", "b:2", "c:3", "d:4"]
      .map((zone) => zone.split(":"))
      .map(
        ([letter, number]) =>
          `<item><zoneName>us-east-1${letter}</zoneName><zoneId>use1-az${number}</zoneId></item>`,
      )
      .join("")}</availabilityZoneInfo>`,
  ),
  DescribeAddresses: ec2("DescribeAddresses", "<addressesSet></addressesSet>"),
  // The account's own addresses; they have no tags of a stage.
  DescribeVpcs: ({ form }) =>
    ec2(
      "DescribeVpcs",
      form.has("Filter.1.Name") ? "<vpcSet/>" : "<vpcSet><item><vpcId>vpc-default</vpcId></item></vpcSet>",
    ),
  GetServiceQuota: ({ json }) =>
    ({ "L-0263D0A3": quota(5), "L-F678F1CE": quota(5), "L-3032A538": quota(6), "L-36FBB829": quota(6) })[
      String(json.QuotaCode)
    ],
  "GET /2016-08-19/account-settings": {
    body: { AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 } },
  },
  GetRole: ({ form }) =>
    xml("GetRole", `<Role><RoleName>${form.get("RoleName")}</RoleName><Arn>arn</Arn><Path>/</Path></Role>`),
  CreateServiceLinkedRole: xml("CreateServiceLinkedRole", "<Role><RoleName>made</RoleName></Role>"),
  "GET /2020-05-31/distribution": {
    body: "<DistributionList><IsTruncated>false</IsTruncated><Quantity>1</Quantity><MaxItems>1</MaxItems></DistributionList>",
  },
  ListCostAllocationTags: {
    body: { CostAllocationTags: [{ TagKey: "sst:stage", Type: "UserDefined", Status: "Active" }] },
  },
  UpdateCostAllocationTagsStatus: { body: { Errors: [] } },
  DescribeStacks: ({ form }) => {
    const name = form.get("StackName");
    return name ? noSuchStack(name) : xml("DescribeStacks", "<Stacks></Stacks>");
  },
  DescribeRepositories: jsonError("RepositoryNotFoundException", "There is no such repository."),
  BatchGetRepositoryScanningConfiguration: NO_REPOSITORY,
};

export function noSuchStack(name: string): RecordedAnswer {
  return xmlError("ValidationError", `Stack with id ${name} does not exist`);
}
