import {
  DataUnavailableException,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
  type ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import type { AwsAccess } from "./aws-access.ts";
import { COST_TAG, costClient, costTagStatus } from "./preflight/account.ts";
import { Warning } from "./preflight/finding.ts";
import { Refusal } from "./refusal.ts";

/** The price of each page of an answer of Cost Explorer. */
export const USD_A_QUESTION = 0.01;

export interface ActualCost {
  /** ISO 8601, of UTC, as Cost Explorer counts days. */
  yesterday: string;
  /** Whole days of this month so far; 0 on its first day. */
  days: number;
  /** USD by the service's name, those of the month in falling order. */
  services: { service: string; yesterday: number; month: number }[];
  /** USD for the whole month; undefined as long as AWS has too few days to tell. */
  forecast: number | undefined;
  /** The requests that this answer took, at `USD_A_QUESTION` each. */
  questions: number;
}

/**
 * The costs of a stage by its tag, as Cost Explorer has them: some hours late, and from the day on which the tag became active. `today` is a day in
 * ISO 8601. Throws a Refusal while the tag is not active, for then there is nothing to see.
 */
export async function actualCost(stage: string, access: AwsAccess, today: string): Promise<ActualCost> {
  const status = await costTagStatus(access).catch(orUnknowable);
  if (status !== "Active" && status !== "unknowable") {
    throw new Refusal(
      `The tag ${COST_TAG} is ${status === undefined ? "unknown to AWS yet" : "not active"}, so AWS counts no cost by stage: \`npm run deploy\` activates it, at the earliest a day after the first deployment, and costs are counted from then on.`,
    );
  }
  const yesterday = dayAfter(today, -1);
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  const usage = await usageByDay(stage, access, {
    from: yesterday < firstOfMonth ? yesterday : firstOfMonth,
    to: today,
  });
  const forecast = await forecastOf(stage, access, { from: today, to: firstOfNextMonth(today) });
  const usd = new Map<string, { yesterday: number; month: number }>();
  for (const { TimePeriod, Groups = [] } of usage.days) {
    const day = TimePeriod?.Start ?? "";
    for (const { Keys: [service = ""] = [], Metrics } of Groups) {
      const amount = Number(Metrics?.UnblendedCost?.Amount ?? 0);
      const sums = usd.get(service) ?? { yesterday: 0, month: 0 };
      if (day === yesterday) sums.yesterday += amount;
      if (day >= firstOfMonth) sums.month += amount;
      usd.set(service, sums);
    }
  }
  const services = [...usd].map(([service, sums]) => ({ service, ...sums }));
  const spent = services.reduce((sum, { month }) => sum + month, 0);
  return {
    yesterday,
    days: Number(today.slice(8)) - 1,
    services: services.sort((one, other) => other.month - one.month || other.yesterday - one.yesterday),
    forecast: forecast === undefined ? undefined : spent + forecast,
    questions: usage.pages + 2,
  };
}

/** Only the account that pays can read the tag's state; another one may still see its own costs. */
function orUnknowable(error: unknown): "unknowable" {
  if (error instanceof Warning) return "unknowable";
  throw error;
}

interface Period {
  from: string;
  /** The first day after it. */
  to: string;
}

function question(stage: string, { from, to }: Period) {
  return {
    TimePeriod: { Start: from, End: to },
    Filter: { Tags: { Key: COST_TAG, Values: [stage] } },
  };
}

async function usageByDay(
  stage: string,
  access: AwsAccess,
  period: Period,
): Promise<{ days: ResultByTime[]; pages: number }> {
  const client = costClient(access);
  const days: ResultByTime[] = [];
  let pages = 0;
  let NextPageToken: string | undefined;
  do {
    const answer = await client.send(
      new GetCostAndUsageCommand({
        ...question(stage, period),
        Granularity: "DAILY",
        Metrics: ["UnblendedCost"],
        GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }],
        NextPageToken,
      }),
    );
    days.push(...(answer.ResultsByTime ?? []));
    NextPageToken = answer.NextPageToken;
    pages++;
  } while (NextPageToken);
  return { days, pages };
}

/** USD from today to the end of the month. */
async function forecastOf(stage: string, access: AwsAccess, period: Period): Promise<number | undefined> {
  try {
    const { Total } = await costClient(access).send(
      new GetCostForecastCommand({
        ...question(stage, period),
        // A monthly one could mean the whole month, of which a part is spent.
        Granularity: "DAILY",
        Metric: "UNBLENDED_COST",
      }),
    );
    return Number(Total?.Amount);
  } catch (error) {
    if (error instanceof DataUnavailableException) return undefined;
    throw error;
  }
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function firstOfNextMonth(day: string): string {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.toISOString().slice(0, 10);
}
