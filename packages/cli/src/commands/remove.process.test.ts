import { PassThrough } from "node:stream";
import {
  EMPTY_ACCOUNT,
  stackResourcesOf,
  stacksOf,
  standingStacks,
} from "@cloud-design/stage/testing/recorded-account";
import { type Answers, startRecordedAws, xml, xmlError } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, describe, expect, it, vi } from "vitest";
import { typeCommand } from "../testing/type-command.ts";
import { finish, isConfirmed, previewOf } from "./remove.ts";

const TARGET = { stage: "dev", region: "us-east-1", account: "123456789012" };
const STANDS: Answers = {
  ...EMPTY_ACCOUNT,
  DescribeStacks: standingStacks(
    "without-env-file-cloud-design-Network",
    "pr-7-cloud-design-Network",
    "CDKToolkit",
  ),
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The result if a person types this and then closes the input. */
async function typed(text: string): Promise<boolean> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(text);
  return isConfirmed("dev", input, output);
}

/** The output after a removal that ended with this code, in an account with these answers. */
async function finished(answers: Answers, removalCode: number) {
  await using aws = await startRecordedAws({ ...EMPTY_ACCOUNT, ...answers });
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const code = await finish(TARGET, removalCode);
  return { code, printed: log.mock.calls.join("\n") };
}

describe("npm run remove", () => {
  it("shows what would be deleted, and removes nothing without a confirmation", async () => {
    await using aws = await startRecordedAws(STANDS);
    const { code, stdout, stderr } = await typeCommand(["remove", "--stage", "without-env-file"], aws.url);
    expect(stdout).toContain("databases, queues, users, pages and logs");
    expect(stderr).toBe(
      "Without a terminal the command cannot ask for a confirmation: add --yes to remove the stage.\n",
    );
    expect(code).toBe(1);
    expect(new Set(aws.asked.map(({ operation }) => operation))).toEqual(
      new Set(["GetCallerIdentity", "DescribeStacks", "DescribeDBInstances", "DescribeLoadBalancers"]),
    );
  });

  it("refuses a stage that does not exist in one sentence, with the stages that do", async () => {
    await using aws = await startRecordedAws(STANDS);
    const said = await typeCommand(["remove", "--stage", "pr-8", "--yes"], aws.url);
    expect(said).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "There is no stage pr-8 in account 123456789012, region us-east-1: there are pr-7, without-env-file. What an earlier one has left: npm run left -- --stage pr-8 --region us-east-1\n",
    });
  });

  it("lists the resources with deletion protection, and lifts no protection before the confirmation", async () => {
    await using aws = await startRecordedAws({ ...STANDS, ...PROTECTED });
    const said = await typeCommand(["remove", "--stage", "without-env-file"], aws.url);
    expect(said.stdout).toContain(
      [
        "Protected from deletion, which is lifted first:",
        "  - database without-env-file-cloud-design-billing",
        "  - balancer ours",
        "",
      ].join("\n"),
    );
    expect(said.stderr).toMatch(/^Without a terminal the command cannot ask for a confirmation: /);
    expect(
      aws.asked.map(({ operation }) => operation).filter((name) => /^(Modify|Delete)/.test(name)),
    ).toEqual([]);
  });

  it("lifts the protection of this stage's database and balancer only", async () => {
    await using aws = await startRecordedAws({
      ...STANDS,
      ...PROTECTED,
      ModifyDBInstance: xml("ModifyDBInstance", ""),
      ModifyLoadBalancerAttributes: xmlError("AccessDenied", "not you", 403),
    });
    const said = await typeCommand(["remove", "--stage", "without-env-file", "--yes"], aws.url);
    expect(said.stdout).toMatch(/^✔ protection .* lifted: database without-env-file-cloud-design-billing$/m);
    // The balancer's protection was refused, and nothing has been deleted yet.
    expect(said.stderr).toMatch(/^The AWS credentials are not allowed to do this: not you/m);
    expect(said.stderr).toContain(
      "Without protection from deletion now, until it is deleted: database without-env-file-cloud-design-billing.",
    );
    expect(said.stderr).toContain(
      "\n  aws rds modify-db-instance --db-instance-identifier without-env-file-cloud-design-billing --deletion-protection --region us-east-1\n",
    );
    const changes = aws.asked.filter(({ operation }) => /^(Modify|Delete)/.test(operation));
    expect(
      changes.map(({ form }) => form.get("DBInstanceIdentifier") ?? form.get("LoadBalancerArn")),
    ).toEqual(["without-env-file-cloud-design-billing", "arn:ours"]);
  });

  it("wakes a sleeping stage first, because RDS changes no stopped database", async () => {
    let isAwake = false;
    await using aws = await startRecordedAws({
      ...STANDS,
      ...PROTECTED,
      DescribeStacks: standingStacks(
        "without-env-file-cloud-design-Network",
        "without-env-file-cloud-design-Sleep",
      ),
      "POST /2015-03-31/functions/without-env-file-cloud-design-sleeper/invocations": ({ json }) => {
        isAwake ||= json.wanted === "awake";
        const wanted = isAwake ? "awake" : "asleep";
        return {
          body: { state: { wanted, isSettled: true, since: "2026-11-30T20:00:00Z", by: "ann" }, parts: [] },
        };
      },
      ModifyDBInstance: () =>
        isAwake ? xml("ModifyDBInstance", "") : xmlError("InvalidDBInstanceState", "It is stopped."),
      ModifyLoadBalancerAttributes: xmlError("AccessDenied", "not you", 403),
    });
    const said = await typeCommand(["remove", "--stage", "without-env-file", "--yes"], aws.url);
    expect(said.stdout).toMatch(
      /^! without-env-file is asleep since .* It is woken first.*RDS lifts no protection/m,
    );
    expect(said.stdout).toMatch(/^✔ protection .* lifted: database without-env-file-cloud-design-billing$/m);
  });

  it("explains itself, and refuses unknown arguments", async () => {
    await using aws = await startRecordedAws(STANDS);
    expect(await typeCommand(["remove", "--help"], aws.url)).toMatchObject({ code: 0, stderr: "" });
    expect(await typeCommand(["remove", "--stage", "without-env-file", "--yess"], aws.url)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "npm run remove has no flag --yess: did you mean --yes?\n",
    });
  });

  it("ends with a receipt", async () => {
    const { code, printed } = await finished({}, 0);
    expect(printed).toContain(
      "Nothing is left of stage dev, account 123456789012, region us-east-1: $0.00 a month.",
    );
    expect(code).toBe(0);
  });

  it("ends with a receipt after a failure or an interrupt too, and says how to continue", async () => {
    const halfway = {
      ListStacks: stacksOf({ "dev-cloud-design-Network": "DELETE_FAILED" }),
      ListStackResources: stackResourcesOf({
        "dev-cloud-design-Network": [
          {
            type: "AWS::EC2::VPC",
            id: "vpc-1",
            logicalId: "Vpc",
            status: "DELETE_FAILED",
            reason: "It has dependencies",
          },
        ],
      }),
    };
    const { code, printed } = await finished(halfway, 130);
    expect(printed).toMatch(/^ {2}dev-cloud-design-Network +DELETE_FAILED +1 resources +0\.00$/m);
    expect(printed).toContain("dev-cloud-design-Network: Vpc: It has dependencies");
    expect(printed).toContain("npm run remove -- --stage dev --region us-east-1");
    expect(code).toBe(130);
    expect((await finished(halfway, 0)).code).toBe(1);
  });

  it.each([
    ["dev\n", true],
    [" dev \n", true],
    ["prod\n", false],
    ["y\n", false],
    ["\n", false],
    ["", false],
  ])("takes %j for %j", async (text, isYes) => {
    expect(await typed(text)).toBe(isYes);
  });

  it("of prod names what stays", () => {
    const preview = previewOf({ ...TARGET, stage: "prod", region: "eu-west-3" });
    expect(preview).toContain(
      "- a last snapshot of each database, its automatic backups for 14 days, and their copies",
    );
    expect(previewOf(TARGET)).not.toContain("snapshot");
  });

  it("of one stack lists that stack only", () => {
    const preview = previewOf({ ...TARGET, stack: "Firewall" });
    expect(preview).toContain("Removing the stack Firewall of stage dev");
    expect(preview).not.toContain("databases");
  });
});

const PROTECTED: Answers = {
  DescribeDBInstances: xml(
    "DescribeDBInstances",
    `<DBInstances>${[
      ["without-env-file-cloud-design-billing", true],
      ["without-env-file-cloud-design-inventory", false],
      ["of-somebody-else", true],
    ]
      .map(
        ([id, isProtected]) =>
          `<DBInstance><DBInstanceIdentifier>${id}</DBInstanceIdentifier><DeletionProtection>${isProtected}</DeletionProtection></DBInstance>`,
      )
      .join("")}</DBInstances>`,
  ),
  DescribeLoadBalancers: xml(
    "DescribeLoadBalancers",
    "<LoadBalancers><member><LoadBalancerArn>arn:ours</LoadBalancerArn><LoadBalancerName>ours</LoadBalancerName></member><member><LoadBalancerArn>arn:another</LoadBalancerArn></member></LoadBalancers>",
  ),
  DescribeTags: xml(
    "DescribeTags",
    "<TagDescriptions><member><ResourceArn>arn:ours</ResourceArn><Tags><member><Key>sst:app</Key><Value>cloud-design</Value></member><member><Key>sst:stage</Key><Value>without-env-file</Value></member></Tags></member><member><ResourceArn>arn:another</ResourceArn></member></TagDescriptions>",
  ),
  DescribeLoadBalancerAttributes: xml(
    "DescribeLoadBalancerAttributes",
    "<Attributes><member><Key>deletion_protection.enabled</Key><Value>true</Value></member></Attributes>",
  ),
};
