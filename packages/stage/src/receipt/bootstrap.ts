import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ECRClient, paginateDescribeImages } from "@aws-sdk/client-ecr";
import { MONTH_OF } from "../prices.ts";
import { sizeOf } from "./buckets.ts";
import { type Asked, all, aws, bytesText, type Found, patient, quoted, type StackResource } from "./found.ts";
import { resourcesOf } from "./stacks.ts";

/** In the order of deletion: a role of CDK's deletes SST's stack. */
const STACKS = ["SSTBootstrap", "CDKToolkit"];

/** The bootstrap that SST and CDK share between all stages of an account and region: their stacks, buckets and repository of images. */
export async function bootstrap(asked: Asked): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of STACKS) {
    if (!(await stands(asked, name))) continue;
    const resources = await resourcesOf(asked, { id: name, isGone: false });
    const of = (type: string) => resources.filter((resource) => resource.type === type);
    for (const repository of of("AWS::ECR::Repository")) found.push(await repositoryFound(asked, repository));
    found.push(stackFound(asked, name));
    for (const bucket of of("AWS::S3::Bucket")) found.push(await bucketFound(asked, bucket, name));
  }
  return found;
}

async function stands(asked: Asked, StackName: string): Promise<boolean> {
  const client = new CloudFormationClient(patient(asked));
  try {
    await client.send(new DescribeStacksCommand({ StackName }));
    return true;
  } catch (error) {
    if (String(error).includes("does not exist")) return false;
    throw error;
  }
}

function stackFound(asked: Asked, name: string): Found {
  return {
    service: "CloudFormation",
    type: "AWS::CloudFormation::Stack",
    id: name,
    name: `stack ${name}`,
    usdMonthly: 0,
    commands: [
      aws(asked, "cloudformation", "delete-stack", "--stack-name", name),
      aws(asked, "cloudformation", "wait", "stack-delete-complete", "--stack-name", name),
    ],
  };
}

/** A repository with images prevents the deletion of its stack. */
async function repositoryFound(asked: Asked, { type, id: repositoryName }: StackResource): Promise<Found> {
  const pages = paginateDescribeImages({ client: new ECRClient(patient(asked)) }, { repositoryName });
  const images = await all(pages, (page) => page.imageDetails);
  const bytes = images.reduce((sum, { imageSizeInBytes = 0 }) => sum + imageSizeInBytes, 0);
  return {
    service: "ECR",
    type,
    id: repositoryName,
    name: repositoryName,
    size: `${images.length} images, ${bytesText(bytes)}`,
    usdMonthly: MONTH_OF.stored("image", bytes),
    isAtMost: true, // layers that images share are billed once
    commands: [aws(asked, "ecr", "delete-repository", "--repository-name", repositoryName, "--force")],
  };
}

/** SST's bucket is deleted with its stack. CDK's stays, and has versions, which `aws s3 rb --force` does not delete. */
async function bucketFound(asked: Asked, { type, id: name }: StackResource, stack: string): Promise<Found> {
  const bytes = await sizeOf(asked, name);
  const list = aws(asked, "s3api", "list-object-versions", "--bucket", name, "--output", "text");
  const each = aws(asked, "s3api", "delete-object", "--bucket", name);
  const query = quoted("[Versions,DeleteMarkers][][].[Key,VersionId]");
  return {
    service: "S3",
    type,
    id: name,
    name,
    size: bytes === undefined ? undefined : bytesText(bytes),
    usdMonthly: bytes === undefined ? undefined : MONTH_OF.stored("object", bytes),
    commands:
      stack === "CDKToolkit"
        ? [
            `${list} --query ${query} | while read -r key version; do ${each} --key "$key" --version-id "$version"; done`,
            aws(asked, "s3api", "delete-bucket", "--bucket", name),
          ]
        : [],
  };
}
