import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { openClient, parseArguments } from "../../../dead-letters/arguments.ts";
import { boundsOf, look } from "../../../dead-letters/look.ts";
import { groupByCause, groupTable, type Listed, moment } from "../../../dead-letters/overview.ts";
import { spellId } from "../../../dead-letters/spelled-id.ts";

/** As many ids as a person reads; a program gets all of them. */
const SHOWN_MAX = 20;

/** Prints the dead letters, grouped by cause. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseArguments("list", args);
  if (parsed.ids[0] !== undefined) {
    throw new SetupError(
      `list takes no argument ${spellId(parsed.ids[0])}: npm run ops -- dlq show ${spellId(parsed.ids[0])}`,
    );
  }
  const client = await openClient(parsed);
  try {
    const listed = await look(client, parsed.queues);
    if (parsed.isJson) console.log(JSON.stringify({ causes: groupByCause(listed), queues: listed }, null, 2));
    else console.log(overview(listed));
  } finally {
    await client.close();
  }
  return 0;
}

function overview(listed: readonly Listed[]): string {
  const letters = listed.flatMap(({ queue, letters }) => letters.map((letter) => ({ queue, ...letter })));
  if (letters.length === 0) {
    return `There are no dead letters in ${listed.map(({ queue }) => queue).join(" or ")}.`;
  }
  const rows = letters.slice(0, SHOWN_MAX).map(({ queue, id, since }) => [queue, moment(since), spellId(id)]);
  const more = letters.length - rows.length;
  return [
    groupTable(groupByCause(listed)),
    "",
    table([["QUEUE", "SINCE", "ID"], ...rows], []),
    ...(more > 0 ? [`and ${more} more: --json lists all of them.`] : []),
    ...boundsOf(listed),
  ].join("\n");
}
