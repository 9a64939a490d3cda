import { EMPTY_ACCOUNT, NO_REPOSITORY } from "./account-answers.ts";
import { createCloudFormation, type StandInStack } from "./account-cloudformation.ts";
import { EMPTY_ACCOUNT as NOTHING_LEFT } from "./recorded-account.ts";
import { jsonError, type Question, type RecordedAnswer, startRecordedAws, xml } from "./recorded-aws.ts";

export interface AccountStub extends AsyncDisposable {
  url: string;
  /** In the order of creation. */
  stacks: Map<string, StandInStack>;
  /** Stacks whose next change fails, by the end of their names; the resources after the failing one are rolled back. */
  failing: Set<string>;
  /** Stacks whose changes stay in progress while their names are in the set. */
  held: Set<string>;
  /** The operations that the stub has no answer for. */
  unknown: string[];
  /** Each requested operation, in order. */
  asked: Question[];
}

/**
 * An account without a bootstrap: the answers of STS, CloudFormation, S3, ECR and SSM to the CDK's bootstrap, `sst deploy` and `sst remove`.
 * Each stack is complete at once, unless a test says otherwise.
 */
export async function startAccountStub(): Promise<AccountStub> {
  const objects = new Map<string, string>();
  const unknown: string[] = [];
  let scanFrequency = "MANUAL";
  const { answers, ...cloudFormation } = createCloudFormation(objects);
  const aws = await startRecordedAws({
    ...NOTHING_LEFT,
    ...EMPTY_ACCOUNT,
    ...answers,
    AssumeRole: xml(
      "AssumeRole",
      "<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>",
    ),
    GetParameter: { body: { Parameter: { Value: "28" } } }, // the version of the bootstrap stack
    DescribeRepositories: {
      body: { repositories: [{ repositoryUri: "registry.example.com/assets" }] },
    },
    // The bootstrap creates it without scans; a deployment then switches them on.
    BatchGetRepositoryScanningConfiguration: () =>
      cloudFormation.stacks.has("CDKToolkit")
        ? { body: { scanningConfigurations: [{ scanFrequency }] } }
        : NO_REPOSITORY,
    PutImageScanningConfiguration: () => {
      scanFrequency = "SCAN_ON_PUSH";
      return { body: { imageScanningConfiguration: { scanOnPush: true } } };
    },
    GetAuthorizationToken: {
      body: {
        authorizationData: [
          {
            authorizationToken: Buffer.from("AWS:password").toString("base64"),
            proxyEndpoint: "https://registry.example.com",
          },
        ],
      },
    },
    DescribeImages: jsonError("ImageNotFoundException", "There is no such image."),
    "*": (question) => {
      if (question.operation.endsWith("-sleeper/invocations"))
        return { body: { state: { wanted: "awake", isSettled: true }, parts: [] } };
      const answer = /^(GET|HEAD|PUT|POST|DELETE) /.test(question.operation)
        ? object(question, objects)
        : undefined;
      if (!answer) unknown.push(`${question.operation} ${question.form} ${question.body.slice(0, 200)}`);
      return answer;
    },
  });
  return { ...cloudFormation, ...aws, unknown };
}

/** S3: stores an object, whole or in parts, and returns it whole. */
function object({ operation, url, body }: Question, objects: Map<string, string>): RecordedAnswer {
  const [method] = operation.split(" ");
  const { pathname, searchParams } = url;
  if (searchParams.has("location"))
    return { body: '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>' };
  if (searchParams.has("list-type"))
    return { body: "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>" };
  if (searchParams.has("encryption")) {
    return {
      status: 404,
      body: "<Error><Code>ServerSideEncryptionConfigurationNotFoundError</Code></Error>",
    };
  }
  if (method === "POST") return { body: "<R><UploadId>1</UploadId><Key>k</Key></R>" };
  const headers = { etag: '"0"' };
  if (method === "PUT") objects.set(pathname, body);
  if (method !== "GET") return { headers, body: "" };
  const found = objects.get(pathname);
  return found === undefined
    ? { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" }
    : { headers, body: found };
}
