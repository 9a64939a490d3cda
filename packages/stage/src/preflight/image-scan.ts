import {
  BatchGetRepositoryScanningConfigurationCommand,
  ECRClient,
  PutImageScanningConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { type AwsAccess, clientSettings } from "../aws-access.ts";
import { imageRepositoryOf } from "../image-repository.ts";
import { Warning } from "./finding.ts";
import type { Target } from "./preflight.ts";

/** Whether ECR or Inspector scans the images of this account and region. */
export async function checkImageScan(target: Target, access: AwsAccess): Promise<string> {
  const { repository, frequency } = await scanOf(target, access);
  if (frequency === "MANUAL") {
    throw new Warning(
      `No scan covers the images in ${repository}: \`npm run deploy\` switches that on, for the images that are pushed from then on.`,
    );
  }
  if (frequency === undefined) return "deploy switches it on when there is a repository";
  return frequency === "CONTINUOUS_SCAN" ? "Inspector scans the images continuously" : "at each push";
}

/** Switches scans on push on, unless a scan is on: CDK's bootstrap creates the repository without one. Returns whether it did. */
export async function scanOnPush(target: Target, access: AwsAccess): Promise<boolean> {
  const { repository, frequency } = await scanOf(target, access);
  if (frequency !== "MANUAL") return false;
  const command = new PutImageScanningConfigurationCommand({
    repositoryName: repository,
    imageScanningConfiguration: { scanOnPush: true },
  });
  // By repository, although AWS recommends a rule of the registry: those rules belong to the account and would cover other projects'
  // repositories.
  await new ECRClient(clientSettings(access)).send(command);
  return true;
}

/** The scan frequency in force, set by the repository or by a rule of the registry; undefined without a repository. */
async function scanOf({ account = "", region }: Target, access: AwsAccess) {
  const repository = imageRepositoryOf({ account, region });
  const question = new BatchGetRepositoryScanningConfigurationCommand({ repositoryNames: [repository] });
  // A missing repository is among the failures.
  const { scanningConfigurations = [] } = await new ECRClient(clientSettings(access)).send(question);
  return { repository, frequency: scanningConfigurations[0]?.scanFrequency };
}
