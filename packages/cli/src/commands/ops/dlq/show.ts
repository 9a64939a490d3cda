import { type Letter, type QueueName, ShowAnswer } from "@cloud-design/functions/dead-letters/protocol";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { printableLine } from "@cloud-design/local/terminal/readable-line";
import { table } from "@cloud-design/local/terminal/table";
import { openClient, parseArguments } from "../../../dead-letters/arguments.ts";
import { boundsOf } from "../../../dead-letters/look.ts";
import { moment } from "../../../dead-letters/overview.ts";
import { spellId } from "../../../dead-letters/spelled-id.ts";

/** Prints one dead letter in full; several may have the same id. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseArguments("show", args);
  const [id, ...more] = parsed.ids;
  if (id === undefined || more.length > 0) {
    throw new SetupError(
      "Name one dead letter: npm run ops -- dlq show ID. `npm run ops -- dlq list` has the ids.",
    );
  }
  const client = await openClient(parsed);
  try {
    const found: (Letter & { queue: QueueName })[] = [];
    const bounds: string[] = [];
    for (const queue of parsed.queues) {
      const answer = ShowAnswer.parse(await client.ask({ action: "show", queue, id }));
      found.push(...answer.letters.map((letter) => ({ queue, ...letter })));
      bounds.push(...boundsOf([{ queue, ...answer }]));
    }
    if (found.length === 0) {
      throw new SetupError(
        [`There is no dead letter ${spellId(id)} in ${parsed.queues.join(" or ")}.`, ...bounds].join(" "),
      );
    }
    console.log(parsed.isJson ? JSON.stringify(found, null, 2) : found.map(describe).join("\n\n"));
  } finally {
    await client.close();
  }
  return 0;
}

function describe(letter: Letter & { queue: QueueName }): string {
  const shownBytes = Buffer.byteLength(letter.body, letter.bodyEncoding);
  const { run: _, by, why, at } = letter.lastReplay ?? {};
  const rows = [
    ["id", spellId(letter.id)],
    ["queue", letter.queue],
    ["lane", letter.lane],
    ["cause", letter.cause],
    ["since", moment(letter.since)],
    ["handed out", `${letter.deliveries} x, each look counts`],
    ["order", spellId(letter.orderId)],
    ["owner", letter.owner ?? "-"],
    ["accepted", moment(letter.acceptedAt)],
    ["trace", letter.traceparent?.split("-")[1] ?? "-"],
    ["replayed", letter.replays === 0 ? "never" : `${letter.replays} x, last ${moment(at)} by ${by}: ${why}`],
    ["body", letter.bodyEncoding === "utf8" ? letter.body : `in base64: ${letter.body}`],
    ...(shownBytes < letter.bodyBytes
      ? [["", `... cut: the first ${shownBytes} of ${letter.bodyBytes} bytes`]]
      : []),
  ];
  return table(
    rows.map((row) => row.map(printableLine)),
    [],
  );
}
