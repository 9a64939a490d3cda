import postgres from "postgres";
import * as z from "zod";
import { parseFlags } from "../../flags.ts";
import { SetupError } from "../../part.ts";
import { localDirectory } from "../../settings.ts";
import { runningPlatform } from "../../supervisor/platform-file.ts";

const Databases = z.object({
  databases: z.object({ movies: z.object({ url: z.string() }), orders: z.object({ url: z.string() }) }),
});

/** A look into a database with the rights of the service that owns it, for machines that have no psql. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- sql", args, { json: { type: "boolean" } });
  const [name, statement, ...more] = positionals;
  if ((name !== "movies" && name !== "orders") || statement === undefined || more.length > 0) {
    throw new SetupError(
      'Name a database and one statement: npm run ops -- sql orders "SELECT * FROM orders"',
    );
  }
  const { databases } = Databases.parse(runningPlatform(localDirectory()));
  const sql = postgres(databases[name].url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    const rows = await sql.unsafe(statement);
    if (values.json === true) console.log(JSON.stringify(rows));
    else if (rows.length > 0) console.table(rows.map((row) => ({ ...row })));
    else console.log(`${rows.count} rows`);
    return 0;
  } catch (error) {
    throw new SetupError(`${name} says: ${error instanceof Error ? error.message || "no answer" : error}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
