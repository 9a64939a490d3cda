import {
  BatchGetRepositoryScanningConfigurationCommand,
  ECRClient,
  PutImageScanningConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { type AwsAccess, clientSettings } from "../aws-access.ts";
import { imageRepositoryOf } from "../image-repository.ts";
import { Warning } from "./finding.ts";
import type { Target } from "./preflight.ts";

/** Whether ECR, or Inspector, looks at the images of this account and region. */
export async function checkImageScan(target: Target, access: AwsAccess): Promise<string> {
  const { repository, frequency } = await scanOf(target, access);
  if (frequency === "MANUAL") {
    throw new Warning(
      `Nothing scans the images in ${repository}: \`npm run deploy\` switches that on, for the images that are pushed from then on.`,
    );
  }
  if (frequency === undefined) return "deploy switches it on when there is a repository";
  return frequency === "CONTINUOUS_SCAN" ? "Inspector looks at the images all the time" : "at each push";
}

/** Has each image scanned when it is pushed, where nothing scans it yet: CDK's bootstrap makes the repository so. Returns whether it did. */
export async function scanOnPush(target: Target, access: AwsAccess): Promise<boolean> {
  const { repository, frequency } = await scanOf(target, access);
  if (frequency !== "MANUAL") return false;
  const command = new PutImageScanningConfigurationCommand({
    repositoryName: repository,
    imageScanningConfiguration: { scanOnPush: true },
  });
  // By repository, though AWS would rather have it by registry: those rules are the account's, and other repositories have theirs.
  await new ECRClient(clientSettings(access)).send(command);
  return true;
}

/** What is in force, be it set by the repository or by a rule of the registry; nothing where there is no repository. */
async function scanOf({ account = "", region }: Target, access: AwsAccess) {
  const repository = imageRepositoryOf({ account, region });
  const question = new BatchGetRepositoryScanningConfigurationCommand({ repositoryNames: [repository] });
  // One that does not exist is among the failures.
  const { scanningConfigurations = [] } = await new ECRClient(clientSettings(access)).send(question);
  return { repository, frequency: scanningConfigurations[0]?.scanFrequency };
}
