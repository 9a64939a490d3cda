import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { type ActualCost, actualCost, USD_A_QUESTION } from "@cloud-design/stage/actual-cost";
import type { BillLine } from "@cloud-design/stage/bill/bill";
import { budgetUsd } from "@cloud-design/stage/bill/budget";
import { standingBill } from "@cloud-design/stage/bill/standing";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { rememberedOf } from "@cloud-design/stage/preflight/remembered";
import { HOURS_A_MONTH, totalOf } from "@cloud-design/stage/prices";
import { onStage } from "../stage/access.ts";

const DAYS_A_MONTH = HOURS_A_MONTH / 24;

/** The costs of a stage as Cost Explorer has them, beside those computed from its templates. */
export async function actualReport(named: NamedStage, isJson: boolean): Promise<string> {
  return onStage(named, async ({ stage, region, profile }) => {
    const access = { region, profile };
    const remembered = await rememberedOf(stage, access);
    if (remembered === undefined) {
      throw new SetupError(
        `There is no stage ${stage} in ${region}: \`npm run left -- --stage ${stage}\` shows what is left of it.`,
      );
    }
    const { preset, addition } = remembered;
    const bill = standingBill(preset, addition === "proxy");
    console.error(`Asking Cost Explorer, at $${USD_A_QUESTION} a question.`);
    const actual = await actualCost(stage, access, new Date().toISOString().slice(0, 10));
    if (isJson) return JSON.stringify({ stage, preset, ...actual, computed: bill }, null, 2);
    return text(`${stage} (${preset})`, { bill, region, actual });
  });
}

function text(
  stage: string,
  { bill, region, actual }: { bill: readonly BillLine[]; region: string; actual: ActualCost },
): string {
  const { yesterday, days, forecast, questions, services } = actual;
  const isNothing = services.every((service) => service.month === 0 && service.yesterday === 0);
  return [
    `The costs of ${stage} in USD, beside its computed month without requests`,
    "",
    table(rowsOf(bill, actual), [1, 2, 3, 4]),
    "",
    `yesterday is ${yesterday}; the month to date has ${days} whole ${days === 1 ? "day" : "days"}. Cost Explorer is some hours late, and leaves out tax.`,
    ...(isNothing
      ? [
          "AWS has counted nothing with the stage's tag yet: it begins on the day on which the tag becomes active.",
        ]
      : []),
    `The forecast for the month is ${forecast === undefined ? "not there yet: AWS needs some days of costs" : `$${forecast.toFixed(2)}`}; the budget is $${budgetUsd(bill, region).toFixed(2)}.`,
    `These were ${questions} questions to Cost Explorer, at $${USD_A_QUESTION} each.`,
  ].join("\n");
}

/** A row for each service that is billed or computed, and their sums. */
function rowsOf(bill: readonly BillLine[], { services, days }: ActualCost): string[][] {
  const computed = byService(bill);
  const unbilled = [...computed.keys()].filter((name) => !services.some(({ service }) => service === name));
  const rows = [...services, ...unbilled.map((service) => ({ service, yesterday: 0, month: 0 }))].map(
    ({ service, yesterday, month }) => {
      const aDay = (computed.get(service) ?? 0) / DAYS_A_MONTH;
      return { service, figures: [yesterday, aDay, month, aDay * days] };
    },
  );
  const sums = [0, 1, 2, 3].map((column) =>
    rows.reduce((sum, { figures }) => sum + (figures[column] ?? 0), 0),
  );
  return [
    ["service", "yesterday", "computed", "month to date", "computed"],
    ...[...rows, { service: "total", figures: sums }].map(({ service, figures }) => [
      service,
      ...figures.map((usd) => usd.toFixed(2)),
    ]),
  ];
}

function byService(lines: readonly BillLine[]): Map<string, number> {
  const services = [...new Set(lines.map(({ service }) => service))];
  return new Map(services.map((name) => [name, totalOf(lines.filter(({ service }) => service === name))]));
}
