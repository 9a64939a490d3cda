import { table } from "@cloud-design/local/terminal/table";
import { isBlind, type Receipt, type Row, type StackRow } from "@cloud-design/stage/receipt/receipt";

/** The text that `npm run left` and `npm run remove` print at the end. */
export function receiptText(receipt: Receipt): string {
  const { stage, account, region, isKnown, stacks, left, unanswered } = receipt;
  const of = `stage ${stage}, account ${account}, region ${region}`;
  const unexpected = left.filter(({ why }) => why === undefined);
  const kept = left.filter(({ why }) => why !== undefined);
  const isNothing = stacks.length + left.length + unanswered.length === 0;
  return [
    isNothing ? `Nothing is left of ${of}: $0.00 a month.` : `What is left of ${of}:`,
    ...(isNothing && !isKnown
      ? ["No stack of it has stood here in the last 90 days: look whether name and region are right."]
      : []),
    ...standingText(receipt),
    ...section("Should not be there", rowLines(unexpected)),
    ...section("Stays on purpose, or goes by itself", rowLines(kept)),
    ...section("Because", reasonLines(kept)),
    ...section(
      "Could not be read, so more may be left",
      unanswered.map(({ service, reason }) => `${service}: ${reason}`),
    ),
    ...(isNothing ? [] : ["", totalText(receipt)]),
    ...section("To remove what should not be there", commandsOf(unexpected)),
    ...section("To remove what stays too, with its data, for good", commandsOf(kept)),
    "",
    ...bootstrapText(receipt),
  ].join("\n");
}

function standingText({ stage, region, profile, stacks }: Receipt): string[] {
  if (stacks.length === 0) return [];
  const rows = stacks.map(({ name, status, resources, usdMonthly }) => [
    name,
    status,
    `${resources} resources`,
    usdMonthly.toFixed(2),
  ]);
  const again = `npm run remove -- --stage ${stage} --region ${region}${profile ? ` --profile ${profile}` : ""}`;
  return [
    ...section("Remaining stacks", lines([["stack", "state", "", "USD a month"], ...rows], [2, 3])),
    ...section("Why", stacks.flatMap(whyItStands)),
    ...section("To continue", [again]),
  ];
}

function whyItStands({ name, reasons }: StackRow): string[] {
  return reasons.map((reason) => `${name}: ${reason}`);
}

function rowLines(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const header = ["service", "what", "size", "USD a month"];
  return lines(
    [header, ...rows.map((row) => [row.service, row.name, row.size ?? "", priceText(row)])],
    [2, 3],
  );
}

function priceText({ usdMonthly, isAtMost }: Row): string {
  if (usdMonthly === undefined) return "unknown";
  if (usdMonthly > 0 && usdMonthly < 0.005) return "under 0.01";
  return `${isAtMost && usdMonthly > 0 ? "at most " : ""}${usdMonthly.toFixed(2)}`;
}

/** Each reason once for all rows that share it. */
function reasonLines(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(({ service, why }) => `${service}: ${why}.`))];
}

function totalText({ usdMonthly, unknown, unanswered }: Receipt): string {
  const more = unknown > 0 ? `, and ${unknown} of unknown price` : "";
  const least = unanswered.length > 0 ? ", and the cost of what could not be read" : "";
  return `Together $${usdMonthly.toFixed(2)} a month${more}${least}, on demand in us-east-1.`;
}

function commandsOf(rows: readonly Row[]): string[] {
  return rows.flatMap(({ commands }) => commands);
}

function bootstrapText(receipt: Receipt): string[] {
  const { stacks, otherStages, bootstrap } = receipt;
  const shared = "CDKToolkit and SSTBootstrap stay, with their buckets and images";
  if (stacks.length > 0) return [`${shared}: this stage uses them.`];
  if (otherStages.length > 0) return [`${shared}: other stages use them (${otherStages.join(", ")}).`];
  if (isBlind(receipt))
    return [`${shared}: what they hold, and whether another stage uses them, could not be found out.`];
  if (bootstrap.length === 0) return ["This account has no bootstrap of CDK and SST here."];
  return [
    "It was the last stage of this project here. What all stages share stays too, and can go unless another application uses CDK or SST:",
    ...rowLines(bootstrap).map(indented),
    "",
    ...commandsOf(bootstrap).map(indented),
  ];
}

function section(title: string, content: readonly string[]): string[] {
  return content.length === 0 ? [] : ["", `${title}:`, ...content.map(indented)];
}

function lines(rows: readonly (readonly string[])[], figures: readonly number[]): string[] {
  return table(rows, figures).split("\n");
}

function indented(line: string): string {
  return `  ${line}`;
}
