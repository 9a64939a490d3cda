import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type SecretsManagerStandIn, startSecretsManager } from "@cloud-design/core/testing/secrets-manager";
import { ROOT } from "@cloud-design/local/platform/settings";
import { freePort } from "@cloud-design/local/servers/free-port";
import { postgresPart } from "@cloud-design/local/servers/postgres";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { started } from "@cloud-design/local/servers/testing";
import postgres from "postgres";

const PACKAGES = join(ROOT, "packages");
const SUPERUSER = { username: "postgres", password: "only-for-tests" };
export const NOUNS = ["inventory", "billing"] as const;
/**
 * Not a superuser, as on RDS. The passwords need encoding in a URL and in SQL; the administrator's, which RDS sets, contains characters outside
 * ASCII.
 */
export const ADMIN = { username: "administrator", password: "a:b@c/d?e%41 é" };
export const SERVICE_PASSWORD = "s:e@r/v?i%63 '";

export const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;

export interface Stage extends AsyncDisposable {
  /** A folder for further files of the tests. */
  directory: string;
  /** The address of the instance, without TLS. */
  port: number;
  /** The folder of the bundled function. */
  bundle: string;
  secretsManager: SecretsManagerStandIn;
}

/** An instance, its secrets, and the function as deployed. */
export async function startStage(): Promise<Stage> {
  const resources = new AsyncDisposableStack();
  const directory = resources.use(await temporaryDirectory()).path;
  const secretsManager = resources.adopt(await startSecretsManager(), ({ close }) => close());
  const port = await freePort();
  const { password } = SUPERUSER;
  const part = postgresPart({ name: "instance", port, directory: join(directory, "instance"), password });
  resources.use(await started(part, directory));
  const bundle = await bundleFunction("migrate", join(directory, "bundle"));
  const dispose = () => resources.disposeAsync();
  return { directory, port, bundle, secretsManager, [Symbol.asyncDispose]: dispose };
}

/** Bundled as SST does it, with the SQL beside it, which only `migrate` reads. */
export async function bundleFunction(name: "migrate" | "personal-data", folder: string): Promise<string> {
  const require = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";
  await promisify(execFile)(join(PACKAGES, "containers/node_modules/esbuild/bin/esbuild"), [
    join(PACKAGES, `functions/src/${name}/lambda.ts`),
    ...["--bundle", "--platform=node", "--format=esm", "--target=esnext", "--minify", "--keep-names"],
    "--main-fields=module,main",
    `--banner:js=${require}`,
    `--outfile=${folder}/lambda.mjs`,
    "--log-level=error",
  ]);
  for (const noun of NOUNS) {
    const from = join(PACKAGES, `core/src/${noun}/migrations`);
    await cp(from, join(folder, `${noun}/migrations`), { recursive: true });
  }
  return folder;
}

/** The function with one more migration of inventory, after the others. */
export async function bundleWith(stage: Stage, tag: string, statements: readonly string[]): Promise<string> {
  const bundle = join(stage.directory, tag);
  await cp(stage.bundle, bundle, { recursive: true });
  const migrations = join(bundle, "inventory/migrations");
  const journalFile = join(migrations, "meta/_journal.json");
  const journal = JSON.parse(await readFile(journalFile, "utf8"));
  journal.entries.push({ ...journal.entries.at(-1), idx: journal.entries.length, when: Date.now(), tag });
  await writeFile(journalFile, JSON.stringify(journal));
  await writeFile(join(migrations, `${tag}.sql`), statements.join("\n--> statement-breakpoint\n"));
  return bundle;
}

/** An instance before any migration, with new secrets. */
export async function empty(stage: Stage): Promise<void> {
  for (const database of ["movies", "orders"])
    await asSuperuser(stage, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  for (const role of [...NOUNS, ADMIN.username]) await asSuperuser(stage, `DROP ROLE IF EXISTS ${role}`);
  const rights = "LOGIN CREATEDB CREATEROLE NOSUPERUSER";
  await asSuperuser(stage, `CREATE ROLE ${ADMIN.username} ${rights} PASSWORD '${ADMIN.password}'`);
  stage.secretsManager.values.set(arnOf("admin"), JSON.stringify(ADMIN));
  for (const noun of NOUNS) storeServicePassword(stage, noun, SERVICE_PASSWORD);
}

export function storeServicePassword({ secretsManager }: Stage, username: string, password: string): void {
  secretsManager.values.set(arnOf(username), JSON.stringify({ username, password }));
}

export interface Invocation {
  /** Another folder than the stage's. */
  bundle?: string;
  /** The address of both databases. */
  url?: string;
  env?: Record<string, string>;
  /** A statement that uses `handler`. */
  code?: string;
}

/** Loads the function in a process of its own, as Lambda does. Returns its output; rejects with the output when it throws. */
export async function invoke(stage: Stage, invocation: Invocation = {}): Promise<string> {
  const {
    bundle = stage.bundle,
    url = `postgres://127.0.0.1:${stage.port}/postgres?sslmode=disable`,
    env,
    code = "await handler({});",
  } = invocation;
  // Node would print the line that threw, and a bundle is a single line.
  const program = `
    try {
      const { handler } = await import(${JSON.stringify(`${bundle}/lambda.mjs`)});
      ${code}
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: {
      ...stage.secretsManager.env,
      INVENTORY_DATABASE_URL: url,
      BILLING_DATABASE_URL: url,
      INVENTORY_ADMIN_SECRET_ARN: arnOf("admin"),
      BILLING_ADMIN_SECRET_ARN: arnOf("admin"),
      INVENTORY_SERVICE_SECRET_ARN: arnOf("inventory"),
      BILLING_SERVICE_SECRET_ARN: arnOf("billing"),
      ...env,
    },
  });
  return stdout;
}

export function superuserOf({ port }: Stage) {
  return { host: "127.0.0.1", port, ...SUPERUSER, onnotice: () => {} };
}

export async function ask(
  { port }: Stage,
  login: { username: string; password: string },
  database: string,
  statement: string,
) {
  const sql = postgres({ host: "127.0.0.1", port, ...login, database, max: 1, onnotice: () => {} });
  return sql.unsafe(statement).finally(() => sql.end({ timeout: 0 }));
}

export function asSuperuser(stage: Stage, statement: string, database = "postgres") {
  return ask(stage, SUPERUSER, database, statement);
}
