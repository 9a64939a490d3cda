import { budgetUsd } from "@cloud-design/stage/bill/budget";
import { IDLE } from "@cloud-design/stage/bill/idle";
import {
  type Answers,
  jsonError,
  startRecordedAws,
  xml,
  xmlError,
} from "@cloud-design/stage/testing/recorded-aws";
import { describe, expect, it } from "vitest";
import { typeCommand } from "../testing/type-command.ts";

const ACTIVE = {
  body: { CostAllocationTags: [{ TagKey: "sst:stage", Type: "UserDefined", Status: "Active" }] },
};
const STANDARD = xml(
  "DescribeStacks",
  "<Stacks><member><StackName>mine-cloud-design-Network</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><Tags><member><Key>cloud-design:preset</Key><Value>standard</Value></member></Tags></member></Stacks>",
);

const daysOf = ({ Start, End }: { Start: string; End: string }): string[] => {
  const days: string[] = [];
  for (let at = Date.parse(Start); at < Date.parse(End); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
};
const group = (service: string, amount: number) => ({
  Keys: [service],
  Metrics: { UnblendedCost: { Amount: String(amount), Unit: "USD" } },
});

/** An account in which each day has cost $4 for the broker and $0.50 for a service that the bill does not know. */
const SPENT: Answers = {
  DescribeStacks: STANDARD,
  ListCostAllocationTags: ACTIVE,
  GetCostAndUsage: ({ json }) => {
    const days = daysOf(json.TimePeriod as { Start: string; End: string });
    // Two pages, as Cost Explorer gives for many services.
    const isSecond = json.NextPageToken === "2";
    return {
      body: {
        ResultsByTime: days.map((day) => ({
          TimePeriod: { Start: day },
          Groups: [isSecond ? group("AWS Config", 0.5) : group("Amazon MQ", 4)],
        })),
        ...(isSecond ? {} : { NextPageToken: "2" }),
      },
    };
  },
  GetCostForecast: { body: { Total: { Amount: "100.5", Unit: "USD" } } },
};

async function actual(answers: Answers, ...flags: string[]) {
  await using aws = await startRecordedAws({ ...SPENT, ...answers });
  const said = await typeCommand(["cost", "--stage", "mine", "--actual", ...flags], aws.url);
  return { ...said, asked: aws.asked };
}

describe("npm run cost -- --stage mine --actual", () => {
  it("shows each service by the stage's tag beside the computed bill, with the forecast and the price of asking", async () => {
    const { code, stdout, stderr, asked } = await actual({});
    expect(stderr).toBe("Asking Cost Explorer, at $0.01 a question.\n");
    const explored = asked.filter(({ operation }) => operation.startsWith("GetCost"));
    const { End: today } = Object(explored[0]?.json.TimePeriod);
    const days = Number(today.slice(8)) - 1;
    const row = (name: string) =>
      stdout
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(/ {2,}/);
    // A month has 730 / 24 days.
    expect(row("Amazon MQ")).toEqual([
      "Amazon MQ",
      "4.00",
      "3.28",
      (4 * days).toFixed(2),
      ((99.791 * 24 * days) / 730).toFixed(2),
    ]);
    expect(row("AWS Config")?.slice(0, 3)).toEqual(["AWS Config", "0.50", "0.00"]);
    expect(row("AWS WAF")?.[1]).toBe("0.00");
    expect(row("total")?.[1]).toBe("4.50");
    expect(stdout).toContain(`The forecast for the month is $${(100.5 + 4.5 * days).toFixed(2)}`);
    expect(stdout).toContain(`the budget is $${budgetUsd(IDLE.standard, "us-east-1").toFixed(2)}.`);
    expect(stdout).toContain("These were 4 questions to Cost Explorer, at $0.01 each.");
    expect(code).toBe(0);
    for (const { json } of explored)
      expect(json.Filter).toEqual({ Tags: { Key: "sst:stage", Values: ["mine"] } });
    expect(explored[0]?.json).toMatchObject({ GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }] });
  });

  it("prints the same for programs", async () => {
    const { stdout } = await actual({}, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      stage: "mine",
      preset: "standard",
      questions: 4,
      services: expect.arrayContaining([expect.objectContaining({ service: "Amazon MQ", yesterday: 4 })]),
    });
  });

  it.each([
    [
      "Inactive",
      { body: { CostAllocationTags: [{ TagKey: "sst:stage", Status: "Inactive" }] } },
      "is not active",
    ],
    ["unseen", { body: { CostAllocationTags: [] } }, "is unknown to AWS yet"],
  ])("refuses while the tag is %s, before it asks for costs", async (_, ListCostAllocationTags, said) => {
    const { code, stderr, asked } = await actual({ ListCostAllocationTags });
    expect(stderr).toContain(`The tag sst:stage ${said}, so AWS counts no cost by stage`);
    expect(code).toBe(1);
    expect(asked.map(({ operation }) => operation)).not.toContain("GetCostAndUsage");
  });

  it("asks for costs where only another account may see the tag, and says when AWS has counted nothing", async () => {
    const { code, stdout } = await actual({
      ListCostAllocationTags: jsonError(
        "AccessDeniedException",
        "Linked account doesn't have access to cost allocation tags.",
      ),
      GetCostAndUsage: { body: { ResultsByTime: [] } },
    });
    expect(stdout).toContain("AWS has counted nothing with the stage's tag yet");
    expect(code).toBe(0);
  });

  it("says that there is no forecast yet", async () => {
    const { code, stdout } = await actual({
      GetCostForecast: jsonError("DataUnavailableException", "Insufficient amount of historical data"),
    });
    expect(stdout).toContain("The forecast for the month is not there yet: AWS needs some days of costs;");
    expect(code).toBe(0);
  });

  it("refuses a stage that does not stand, and credentials that may not ask, in one sentence", async () => {
    const none = await actual({
      DescribeStacks: xmlError("ValidationError", "Stack with id mine-cloud-design-Network does not exist"),
    });
    expect(none).toMatchObject({ code: 1, stdout: "" });
    expect(none.stderr).toMatch(/^There is no stage mine in us-east-1: /);
    const denied = await actual({ GetCostAndUsage: jsonError("AccessDeniedException", "You may not") });
    expect(denied).toMatchObject({ code: 1, stdout: "" });
    expect(denied.stderr).toContain("The AWS credentials are not allowed to do this: You may not.");
  });
});
