import { imageRepositoryOf } from "@cloud-design/stage/image-repository";
import { ACCOUNT } from "./aws-stub.ts";

export const REPOSITORY = imageRepositoryOf({ account: ACCOUNT, region: "us-east-1" });
export const TAG = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
export const DIGEST = "sha256:36c7b282abd0186e01419f2e58743e1bf635808231049bbc9d77e5a1b2c3d4e5";
export const IMAGE = imageIn(REPOSITORY);

const SENT = { version: "0", account: ACCOUNT, time: "2026-11-28T02:36:48Z", region: "us-east-1" };

/** ECR's event at the end of a scan, as AWS documents it; a failed scan has no counts. */
export function scan(counts: Record<string, number> | undefined, repository = REPOSITORY) {
  return {
    ...SENT,
    id: "85fc3613-e913-7fc4-a80c-a3753e4aa9ae",
    "detail-type": "ECR Image Scan",
    source: "aws.ecr",
    resources: [repositoryArn(repository)],
    detail: {
      "scan-status": counts ? "COMPLETE" : "FAILED",
      "repository-name": repository,
      ...(counts && { "finding-severity-counts": counts }),
      "image-digest": DIGEST,
      "image-tags": [TAG],
    },
  };
}

export function push() {
  return {
    ...SENT,
    id: "13cde686-328b-6117-af20-0e5566167482",
    "detail-type": "ECR Image Action",
    source: "aws.ecr",
    resources: [],
    detail: {
      result: "SUCCESS",
      "repository-name": REPOSITORY,
      "image-digest": DIGEST,
      "action-type": "PUSH",
      "image-tag": TAG,
    },
  };
}

/** Inspector's event when a finding is created, updated or closed, as AWS documents it, without its longest fields. */
export function finding(
  { severity, status = "ACTIVE" }: { severity: string; status?: string },
  repository = REPOSITORY,
) {
  return {
    ...SENT,
    id: "42dbea55-45ad-b2b4-87a8-afa000000000",
    "detail-type": "Inspector2 Finding",
    source: "aws.inspector2",
    resources: [imageIn(repository)],
    detail: {
      awsAccountId: ACCOUNT,
      description:
        "In libssh2 v1.9.0 and earlier versions, the SSH_MSG_DISCONNECT logic has an integer overflow.",
      findingArn: `arn:aws:inspector2:us-east-1:${ACCOUNT}:finding/be674aaddd0f75ac632055`,
      inspectorScore: 6.5,
      packageVulnerabilityDetails: {
        source: "NVD",
        vulnerabilityId: "CVE-2019-17498",
        vulnerablePackages: [{ name: "libssh2", packageManager: "OS", version: "1.4.3" }],
      },
      resources: [
        {
          details: {
            awsEcrContainerImage: { imageHash: DIGEST, imageTags: [TAG], repositoryName: repository },
          },
          id: imageIn(repository),
          type: "AWS_ECR_CONTAINER_IMAGE",
        },
      ],
      severity,
      status,
      title: "CVE-2019-17498 - libssh2",
      type: "PACKAGE_VULNERABILITY",
    },
  };
}

export function findingInFunction() {
  const event = finding({ severity: "HIGH" });
  const id = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:other:$LATEST`;
  return {
    ...event,
    resources: [id],
    detail: { ...event.detail, resources: [{ id, type: "AWS_LAMBDA_FUNCTION" }] },
  };
}

function imageIn(repository: string): string {
  return `${repositoryArn(repository)}/${DIGEST}`;
}

function repositoryArn(repository: string): string {
  return `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/${repository}`;
}
