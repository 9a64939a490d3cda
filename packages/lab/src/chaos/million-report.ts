import { type Piece, stillBroken, type Total } from "./million.ts";
import { machine } from "./report.ts";

/** The books of a run, as rows of a name and a figure. */
export function bookRows(total: Total): [string, string][] {
  const whole = (figure: number) => figure.toLocaleString("en");
  return [
    ["faults", whole(total.faults)],
    ["orders sent", whole(total.orders)],
    ["accepted", whole(total.accepted)],
    ["recorded", whole(total.recorded)],
    ["rejected", whole(total.rejected)],
    ["lost", whole(total.lost)],
    ["duplicated", whole(total.duplicated)],
    ["unexpected", whole(total.unexpected)],
    ["impossible", whole(total.impossible)],
    ["without an answer", whole(total.indeterminate)],
    ["of these recorded", whole(total.recovered)],
    ["pieces", whole(total.pieces)],
    ["of these repeated after a broken promise", whole(total.repeatedPieces)],
    ["pieces with a broken promise", whole(total.brokenPieces)],
    ["pieces with a late answer (R5, R6)", whole(total.latePieces)],
    ["tries without books", whole(total.abandonedTries)],
    ["hours", total.hours.toFixed(1)],
  ];
}

/** Whether no order was lost, doubled, invented or altered, and every promise held. Lateness is reported but not judged. */
export function isClean(total: Total): boolean {
  const { lost, duplicated, unexpected, impossible, brokenPieces } = total;
  return lost + duplicated + unexpected + impossible + brokenPieces === 0;
}

/** The progress line for a person: how many orders are done, and the time left at the pace so far. */
export function progressOf(
  { orders, faults, lost, duplicated, unexpected, hours }: Total,
  goal: number,
): string {
  const wrong = lost + duplicated + unexpected;
  const left = orders === 0 ? 0 : (hours * Math.max(0, goal - orders)) / orders;
  return `${orders.toLocaleString("en")} of ${goal.toLocaleString("en")} orders, ${faults} faults, ${wrong} wrong, about ${left.toFixed(1)} h left`;
}

/** One piece in one line, with its broken and late promises below. */
export function lineOf({ number, fault, faults, orders, accepted, recorded, broken, late }: Piece): string {
  const head = `piece ${number}: ${fault} (${faults} faults), ${orders} orders, ${accepted} accepted, ${recorded} recorded`;
  return [head, ...broken.map((why) => `  BROKEN ${why}`), ...late.map((why) => `  LATE ${why}`)].join("\n");
}

/** The section of docs/chaos.md. */
export function millionPage(seed: number, pieces: readonly Piece[], total: Total): string {
  const [first, last] = [pieces[0]?.startedAt ?? "", pieces.at(-1)?.startedAt ?? ""];
  const still = stillBroken(pieces);
  const broken = pieces.flatMap(({ number, fault, broken }) =>
    broken.map((why) => {
      const [sentence] = why.split("\n");
      return `- piece ${number}, ${fault}: ${sentence}${still.includes(number) ? "" : " (mended: it held when the piece was repeated)"}`;
    }),
  );
  return [
    `Seed ${seed}, from ${first.slice(0, 10)} to ${last.slice(0, 10)}, on ${machine()}.\n`,
    [
      "| the books | |",
      "| --- | ---: |",
      ...bookRows(total).map(([name, figure]) => `| ${name} | ${figure} |`),
    ].join("\n"),
    ...(broken.length > 0 ? ["\nPromises that were broken:\n", broken.join("\n")] : []),
    "",
  ].join("\n");
}
