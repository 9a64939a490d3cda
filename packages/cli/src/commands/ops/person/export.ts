import { type Letter, ShowAnswer } from "@cloud-design/functions/dead-letters/protocol";
import { ExportAnswer } from "@cloud-design/functions/personal-data/protocol";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { table } from "@cloud-design/local/terminal/table";
import {
  findPerson,
  nothingKept,
  type Person,
  type PersonStore,
  parseSubject,
} from "../../../personal-data/store.ts";
import { lettersOf, walk } from "../../../personal-data/walk.ts";
import { withStore } from "../../../personal-data/with-store.ts";
import { STAGE_FLAGS } from "../../../stage/flags.ts";

/** Everything that is kept of a person and found by their `sub`, as one document. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- person export", args, {
    json: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const subject = parseSubject(positionals);
  return withStore(values, async (store) => {
    const person = await findPerson(store, subject);
    const { bounds, ...document } = await exported(store, person);
    const { user, orders, rejections, dead_letters: letters } = document;
    if (user === null && orders.length + rejections.length + letters.length === 0) throw nothingKept(person);
    console.log(values.json === true ? JSON.stringify(document, null, 2) : overview(document));
    for (const bound of bounds) console.error(bound);
    return 0;
  });
}

async function exported(store: PersonStore, person: Person) {
  const { subject, owner, user } = person;
  const rows: Omit<ExportAnswer, "next"> = { orders: [], rejections: [] };
  await walk(store, { action: "export", owner }, (answer) => {
    const part = ExportAnswer.parse(answer);
    rows.orders.push(...part.orders);
    rows.rejections.push(...part.rejections);
    return part;
  });
  const { found, bounds } = await lettersOf(store, person);
  const letters: Letter[] = [];
  for (const { queue, id } of found) {
    const shown = ShowAnswer.parse(await store.letters.ask({ action: "show", queue, id }));
    letters.push(...shown.letters.filter((letter) => letter.owner === owner));
  }
  return {
    subject,
    exported_at: new Date().toISOString(),
    user: user ? { sub: user.sub, name: user.name, attributes: user.attributes, groups: user.groups } : null,
    ...rows,
    dead_letters: letters,
    bounds,
  };
}

function overview({
  user,
  orders,
  rejections,
  dead_letters: letters,
}: Omit<Awaited<ReturnType<typeof exported>>, "bounds">): string {
  const rows = [
    ["user", user === null ? 0 : 1],
    ["orders", orders.length],
    ["rejections", rejections.length],
    ["dead letters", letters.length],
  ].map((row) => row.map(String));
  return `${table([["KEPT", "COUNT"], ...rows], [1])}\n\n--json prints all of it. Orders under way are in it once they are recorded.`;
}
