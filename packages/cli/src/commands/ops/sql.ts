import { localDirectory } from "@cloud-design/local/platform/settings";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { NamedStage } from "@cloud-design/stage/deployed";
import postgres from "postgres";
import * as z from "zod";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";

const Databases = z.object({
  databases: z.object({ movies: z.object({ url: z.string() }), orders: z.object({ url: z.string() }) }),
});
export type DatabaseName = "movies" | "orders";

interface Question {
  name: DatabaseName;
  statement: string;
}

/** Runs a statement in a database with the rights of the service that owns it, for machines without psql. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- sql", args, {
    json: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const [name, statement, ...more] = positionals;
  if ((name !== "movies" && name !== "orders") || statement === undefined || more.length > 0) {
    throw new SetupError(
      'Name a database and one statement: npm run ops -- sql orders "SELECT * FROM orders"',
    );
  }
  const rows = await ask({ name, statement }, namedStage(values));
  if (values.json === true) console.log(JSON.stringify(rows));
  else if (rows.length > 0) console.table(rows.map((row) => ({ ...row })));
  else console.log(`${rows.count} rows`);
  return 0;
}

async function ask(
  question: Question,
  stage: NamedStage | undefined,
): Promise<postgres.RowList<postgres.Row[]>> {
  if (stage === undefined) {
    const { databases } = Databases.parse(runningPlatform(localDirectory()));
    return query(question, databases[question.name].url);
  }
  // Not in an image of the laptop, which lacks the packages for AWS.
  const { openDatabaseOf } = await import("../../tunnel/database.ts");
  await using database = await openDatabaseOf(question.name, stage);
  return await query(question, database.url, database.options);
}

async function query(
  { name, statement }: Question,
  url: string,
  options: postgres.Options<Record<string, never>> = {},
) {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {}, ...options });
  try {
    return await sql.unsafe(statement);
  } catch (error) {
    throw new SetupError(`${name} says: ${error instanceof Error ? error.message || "no answer" : error}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
