import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const Statement = z.object({
  Sid: z.string().optional(),
  Effect: z.literal("Allow"),
  Action: oneOrMore,
  Resource: oneOrMore.default([]),
  Condition: z
    .object({ StringEquals: z.record(z.string(), z.unknown()) })
    .strict()
    .optional(),
});
const Role = z.object({
  Properties: z.object({
    AssumeRolePolicyDocument: z.object({ Statement: z.array(Statement) }),
    ManagedPolicyArns: z.undefined().optional(),
    Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
  }),
});

/** The short forms of CloudFormation's tags, read as their text; a reference becomes `<Stage>`. */
const TAGS = ["!Sub", "!Ref", "!GetAtt"].map((tag) => ({
  tag,
  resolve: (text: string) => text.replaceAll(/\$\{(\S+?)\}/g, "<$1>"),
}));
const template = parse(read("stacks/delivery/github-role.yaml"), { customTags: TAGS });
const { AssumeRolePolicyDocument, Policies } = Role.parse(template.Resources.Role).Properties;
const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
const actions = statements.flatMap(({ Action }) => Action);

describe("the role that GitHub takes", () => {
  it("trusts one environment of one repository, and no branch", () => {
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["sts:AssumeRoleWithWebIdentity"],
        Resource: [],
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:<Repository>:environment:<Stage>",
          },
        },
      },
    ]);
  });

  it("names each of its rights, and may change resource `*` only where IAM supports nothing narrower", () => {
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
    const onEverything = statements
      .filter(({ Resource }) => Resource.includes("*"))
      .flatMap(({ Action }) => Action);
    expect(onEverything.filter((action) => !/:(BatchGet|Describe|Get|List)/.test(action))).toEqual([
      "ecr:PutImageScanningConfiguration",
      "ce:UpdateCostAllocationTagsStatus",
    ]);
  });

  it("changes only the stacks of its stage, and passes one role to CloudFormation", () => {
    const resourcesOf = (action: string) => statements.filter(({ Action }) => Action.includes(action));
    for (const action of [
      "cloudformation:CreateStack",
      "cloudformation:UpdateStack",
      "cloudformation:DeleteStack",
    ])
      expect(resourcesOf(action)).toMatchObject([
        { Resource: ["arn:aws:cloudformation:*:<AWS::AccountId>:stack/<Stage>-cloud-design-*/*"] },
      ]);
    expect(resourcesOf("iam:PassRole")).toMatchObject([
      {
        Resource: ["arn:aws:iam::<AWS::AccountId>:role/cdk-hnb659fds-cfn-exec-role-<AWS::AccountId>-*"],
        Condition: { StringEquals: { "iam:PassedToService": "cloudformation.amazonaws.com" } },
      },
    ]);
    expect(
      actions.filter((action) => /^(iam|sts|secretsmanager|kms|rds|organizations):/.test(action)).sort(),
    ).toEqual([
      "iam:CreateServiceLinkedRole",
      "iam:GetRole",
      "iam:PassRole",
      "rds:ModifyDBInstance",
      "sts:AssumeRole",
    ]);
    // It may clear what a first deployment that failed has left, of its own stage alone.
    for (const action of ["rds:ModifyDBInstance", "elasticloadbalancing:ModifyLoadBalancerAttributes"])
      expect(resourcesOf(action)).toMatchObject([
        { Condition: { StringEquals: { "aws:ResourceTag/sst:stage": "Stage" } } },
      ]);
  });

  it("allows every call that a deployment and its smoke test make", () => {
    const files = [
      ...globSync("packages/stage/src/preflight/!(*.test).ts", { cwd: ROOT }),
      ...["aws-access", "machine-token", "outputs"].map((name) => `packages/stage/src/${name}.ts`),
      ...["stacks/deploy.js", "stacks/remove.js", "stacks/metadata.js"].map(
        (name) => `stacks/node_modules/sst/${name}`,
      ),
    ];
    expect(files.length).toBeGreaterThan(15);
    const asked = files.flatMap((file) =>
      [...read(file).matchAll(/new ([A-Z]\w+)Command\(|paginate([A-Z]\w+)\(/g)].map(
        ([, command, pages]) => command ?? pages ?? "",
      ),
    );
    expect(asked).toEqual(
      expect.arrayContaining(["DescribeStacks", "GetServiceQuota", "DescribeUserPoolClient"]),
    );
    // Some S3 actions differ from the name of their call, and GetCallerIdentity needs no right.
    const otherwise: Record<string, string> = { ListObjectsV2: "ListBucket", GetCallerIdentity: "" };
    const missing = [...new Set(asked)].filter((name) => {
      const right = otherwise[name] ?? name;
      return right !== "" && !actions.some((action) => action.endsWith(`:${right}`));
    });
    expect(missing).toEqual([]);
  });

  it("comes only from this template: the documentation has no policy of its own", () => {
    const [, docs = ""] = /^## From GitHub$(.*?)^## /ms.exec(read("docs/deploy.md")) ?? [];
    expect(docs).toContain("--template-file stacks/delivery/github-role.yaml");
    expect(docs).not.toContain("AdministratorAccess");
    expect(docs).not.toContain("AssumeRoleWithWebIdentity");
  });
});
