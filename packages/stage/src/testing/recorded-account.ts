import { type Answers, jsonError, type RecordedAnswer, xml } from "./recorded-aws.ts";

/** The answers of services with form requests, without the element that only EC2 leaves out. */
const ec2 = (action: string, result: string): RecordedAnswer => ({
  body: `<${action}Response>${result}</${action}Response>`,
});

/** The answers of an empty account and region to every request of a receipt; a test overrides some. */
export const EMPTY_ACCOUNT: Answers = {
  GetCallerIdentity: xml(
    "GetCallerIdentity",
    "<Account>123456789012</Account><UserId>U</UserId><Arn>arn</Arn>",
  ),
  ListStacks: xml("ListStacks", "<StackSummaries/>"),
  GetResources: { body: { ResourceTagMappingList: [] } },
  DescribeLogGroups: { body: { logGroups: [] } },
  DescribeDBInstances: xml("DescribeDBInstances", "<DBInstances/>"),
  DescribeDBProxies: xml("DescribeDBProxies", "<DBProxies/>"),
  DescribeDBSnapshots: xml("DescribeDBSnapshots", "<DBSnapshots/>"),
  DescribeDBInstanceAutomatedBackups: xml(
    "DescribeDBInstanceAutomatedBackups",
    "<DBInstanceAutomatedBackups/>",
  ),
  ListKeys: { body: { Keys: [] } },
  ListSecrets: { body: { SecretList: [] } },
  "GET /": { body: "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>" },
  ListQueues: { body: {} },
  ListUserPools: { body: { UserPools: [] } },
  GetParametersByPath: { body: { Parameters: [] } },
  "GET /2015-03-31/functions": { body: { Functions: [] } },
  DescribeNatGateways: ec2("DescribeNatGateways", "<natGatewaySet/>"),
  DescribeInstances: ec2("DescribeInstances", "<reservationSet/>"),
  DescribeAddresses: ec2("DescribeAddresses", "<addressesSet/>"),
  DescribeVpcs: ec2("DescribeVpcs", "<vpcSet/>"),
  DescribeNetworkInterfaces: ec2("DescribeNetworkInterfaces", "<networkInterfaceSet/>"),
  DescribeLoadBalancers: xml("DescribeLoadBalancers", "<LoadBalancers/>"),
  ListCertificates: { body: { CertificateSummaryList: [] } },
  ListClusters: { body: { clusterArns: [] } },
  "GET /v1/brokers": { body: { brokerSummaries: [] } },
  "GET /2020-05-31/distribution": { body: "<DistributionList><Items/></DistributionList>" },
  GetResource: jsonError("ResourceNotFoundException", "It is not there."),
  DescribeStacks: {
    status: 400,
    body: "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id X does not exist</Message></Error></ErrorResponse>",
  },
};

/** `DescribeStacks` of all stacks. */
export function standingStacks(...names: string[]): RecordedAnswer {
  const stacks = names.map(
    (name) => `<member><StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus></member>`,
  );
  return xml("DescribeStacks", `<Stacks>${stacks.join("")}</Stacks>`);
}

/** `ListStacks`, from `name: status`. A stack's id is its name after an ARN's prefix. */
export function stacksOf(stacks: Record<string, string>): RecordedAnswer {
  const members = Object.entries(stacks).map(
    ([name, status]) =>
      `<member><StackName>${name}</StackName><StackId>${stackId(name)}</StackId><StackStatus>${status}</StackStatus></member>`,
  );
  return xml("ListStacks", `<StackSummaries>${members.join("")}</StackSummaries>`);
}

export function stackId(name: string): string {
  return `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/1`;
}

/** `ListStackResources`, from resources by the stack's id or name. */
export function stackResourcesOf(
  byStack: Record<
    string,
    { type: string; id: string; logicalId?: string; status?: string; reason?: string }[]
  >,
): Answers[string] {
  return ({ form }) => {
    const asked = form.get("StackName") ?? "";
    const [, resources = []] =
      Object.entries(byStack).find(([name]) => asked === name || asked === stackId(name)) ?? [];
    const members = resources.map(
      ({ type, id, logicalId = "Thing", status = "CREATE_COMPLETE", reason }) =>
        `<member><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus>${reason ? `<ResourceStatusReason>${reason}</ResourceStatusReason>` : ""}</member>`,
    );
    return xml("ListStackResources", `<StackResourceSummaries>${members.join("")}</StackResourceSummaries>`);
  };
}
