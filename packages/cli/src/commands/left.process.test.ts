import { EMPTY_ACCOUNT, stacksOf } from "@cloud-design/stage/testing/recorded-account";
import { type Answers, jsonError, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { describe, expect, it } from "vitest";
import { typeCommand } from "../testing/type-command.ts";

/** The output of the command for stage dev, in an account that has only this. */
async function left(answers: Answers, ...flags: string[]) {
  await using aws = await startRecordedAws({ ...EMPTY_ACCOUNT, ...answers });
  return await typeCommand(["left", "--stage", "dev", ...flags], aws.url);
}

const GROUPS = {
  DescribeLogGroups: {
    body: {
      logGroups: [
        { logGroupName: "/aws/amazonmq/broker/b-1/general", storedBytes: 3_000_000_000, retentionInDays: 7 },
        {
          logGroupName: "/aws/lambda/dev-cloud-design-Broker-LogRetentionXyz",
          storedBytes: 900,
          retentionInDays: 1,
        },
      ],
    },
  },
};

describe("npm run left", () => {
  it("says that nothing is left, and whether the stage has stood here at all", async () => {
    const nothing = "Nothing is left of stage dev, account 123456789012, region us-east-1: $0.00 a month.\n";
    const bootstrap = "\nThis account has no bootstrap of CDK and SST here.\n";
    const removed = { ListStacks: stacksOf({ "dev-cloud-design-Site": "DELETE_COMPLETE" }) };
    expect(await left(removed)).toEqual({ code: 0, stderr: "", stdout: `${nothing}${bootstrap}` });
    const unknown =
      "No stack of it has stood here in the last 90 days: look whether name and region are right.\n";
    expect(await left({})).toEqual({ code: 0, stderr: "", stdout: `${nothing}${unknown}${bootstrap}` });
  });

  it("lists aligned prices, then reasons, then commands", async () => {
    const { code, stdout } = await left({
      ...GROUPS,
      ListStacks: stacksOf({ "pr-7-cloud-design-Site": "CREATE_COMPLETE" }),
    });
    expect(stdout).toBe(`What is left of stage dev, account 123456789012, region us-east-1:

Stays on purpose, or goes by itself:
  service          what                                                    size   USD a month
  CloudWatch Logs  /aws/amazonmq/broker/b-1/general                     2.79 GB  at most 0.08
  CloudWatch Logs  /aws/lambda/dev-cloud-design-Broker-LogRetentionXyz    900 B    under 0.01

Because:
  CloudWatch Logs: Amazon MQ creates it itself, for a broker whose stage CloudFormation no longer knows, so no stack owns it; its lines are deleted after 7 days.
  CloudWatch Logs: a helper of CDK that the stacks no longer have creates it itself, so no stack owns it; its lines are deleted after a day.

Together $0.08 a month, on demand in us-east-1.

To remove what stays too, with its data, for good:
  aws logs delete-log-group --log-group-name /aws/amazonmq/broker/b-1/general --region us-east-1
  aws logs delete-log-group --log-group-name /aws/lambda/dev-cloud-design-Broker-LogRetentionXyz --region us-east-1

CDKToolkit and SSTBootstrap stay, with their buckets and images: other stages use them (pr-7).
`);
    expect(code).toBe(0);
  });

  it("names a service that it could not read, adds up only known prices, and ends with 1", async () => {
    const { code, stdout } = await left({
      DescribeLogGroups: jsonError(
        "AccessDeniedException",
        "User dev is not authorized to perform: logs:DescribeLogGroups",
      ),
    });
    expect(stdout).toMatch(
      /Could not be read, so more may be left:\n {2}CloudWatch Logs: The AWS credentials are not allowed/,
    );
    expect(stdout).toContain(
      "Together $0.00 a month, and the cost of what could not be read, on demand in us-east-1.",
    );
    expect(code).toBe(1);
  });

  it("prints the same as JSON", async () => {
    const { code, stdout } = await left(GROUPS, "--json");
    const receipt = JSON.parse(stdout);
    expect(receipt).toMatchObject({ stage: "dev", stacks: [], unanswered: [], unknown: 0 });
    expect(receipt.left[0]).toMatchObject({
      service: "CloudWatch Logs",
      name: "/aws/amazonmq/broker/b-1/general",
    });
    expect(code).toBe(0);
  });

  it("explains itself, refuses a stack, and only reads from the account", async () => {
    await using aws = await startRecordedAws(EMPTY_ACCOUNT);
    expect(await typeCommand(["left", "--help"], aws.url)).toMatchObject({ code: 0, stderr: "" });
    expect(await typeCommand(["left", "Site", "--stage", "dev"], aws.url)).toMatchObject({
      code: 1,
      stderr: "npm run left looks at a whole stage: leave out Site.\n",
    });
    await typeCommand(["left", "--stage", "dev"], aws.url);
    for (const { operation } of aws.asked) expect(operation).toMatch(/^(Get|List|Describe|GET )/);
  });
});
