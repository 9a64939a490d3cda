import { existsSync, globSync, realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { SetupError } from "../supervisor/part.ts";
import { debianProgram, libraryPath } from "./debian-packages.ts";
import { run } from "./run.ts";
import { isInstalled, PROGRAM_FOLDERS, SEARCH_PATH } from "./search-path.ts";
import { openToUnprivileged } from "./unprivileged.ts";

/** The folder of RabbitMQ's own scripts, and the environment in which they find Erlang. */
export interface Broker {
  scripts: string;
  env: Readonly<Record<string, string>>;
}

/** An installed RabbitMQ, or one that is unpacked from Debian's packages into the user's cache. */
export async function findBroker(report: (doing: string) => void): Promise<Broker> {
  const installed = installedBroker();
  if (installed !== undefined) return installed;
  const howToGetIt = `Install it (${howToInstall()}), or set AMQP_URL to a broker that runs already.`;
  const packages = ["rabbitmq-server"];
  return unpackedBroker(
    await debianProgram({ title: "RabbitMQ", packages, prepare: prepareBroker, howToGetIt }, report),
  );
}

function installedBroker(): Broker | undefined {
  if (!isInstalled("erl")) return undefined;
  const inPath = PROGRAM_FOLDERS.map((directory) => join(directory, "rabbitmq-server")).filter(existsSync);
  const candidates = [
    ...globSync("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"),
    ...inPath.map((script) => dirname(realpathSync(script))),
  ];
  // Debian's rabbitmq-server in the PATH is a wrapper that changes the user; only the real script has this file beside it.
  const scripts = candidates.find((directory) => existsSync(join(directory, "rabbitmq-env")));
  return scripts === undefined ? undefined : { scripts, env: { PATH: SEARCH_PATH } };
}

async function prepareBroker(root: string): Promise<void> {
  const erl = join(root, "usr/lib/erlang/bin/erl");
  // Erlang's own start script insists on /usr/lib/erlang.
  if (existsSync(erl)) await writeFile(erl, RELOCATABLE_ERL);
  await openToUnprivileged(root);
  // Proves that every shared library is there before the broker is used.
  await run("erl", ["-noinput", "-eval", "ok = crypto:start(), halt()."], { env: unpackedBroker(root).env });
}

const RELOCATABLE_ERL = `#!/bin/sh
ROOTDIR=$(dirname "$(dirname "$(readlink -f "$0")")")
BINDIR=$(echo "$ROOTDIR"/erts-*/bin)
EMU=beam PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
`;

function unpackedBroker(root: string): Broker {
  const [scripts] = globSync(join(root, "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"));
  if (scripts === undefined)
    throw new SetupError(`The broker in ${root} is damaged: remove that folder and start again.`);
  const env = {
    PATH: [join(root, "usr/bin"), SEARCH_PATH].join(delimiter),
    // Where Erlang itself is installed, only its missing parts are unpacked here.
    ERL_LIBS: join(root, "usr/lib/erlang/lib"),
    LD_LIBRARY_PATH: libraryPath(root),
  };
  return { scripts, env };
}

function howToInstall(): string {
  if (process.platform === "darwin") return "`brew install rabbitmq`";
  return "`sudo apt-get install rabbitmq-server`, or your system's package of that name";
}
