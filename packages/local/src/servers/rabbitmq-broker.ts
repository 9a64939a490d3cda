import { existsSync, globSync, realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { SetupError } from "../part.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { createOnce } from "./create-once.ts";
import { unpackDebianPackage } from "./debian-packages.ts";
import { run } from "./run.ts";
import { isInstalled, PROGRAM_FOLDERS, SEARCH_PATH } from "./search-path.ts";

/** Where RabbitMQ's own scripts are, and the environment in which they find Erlang. */
export interface Broker {
  scripts: string;
  env: Readonly<Record<string, string>>;
}

/** An installed RabbitMQ, or one that is unpacked from Debian's packages into the user's cache. */
export async function findBroker(report: (doing: string) => void): Promise<Broker> {
  const installed = installedBroker();
  if (installed !== undefined) return installed;
  if (!isInstalled("apt-get") || !isInstalled("dpkg-deb"))
    throw new SetupError(`RabbitMQ is missing. ${howToGetIt()}`);
  const root = cacheDirectory("rabbitmq");
  await createOnce(root, (temporary) => unpackBroker(temporary, report)).catch((error: Error) => {
    throw new SetupError(
      `RabbitMQ could not be had from Debian's packages: ${error.message}. ${howToGetIt()}`,
    );
  });
  return unpackedBroker(root);
}

function installedBroker(): Broker | undefined {
  if (!isInstalled("erl")) return undefined;
  const inPath = PROGRAM_FOLDERS.map((directory) => join(directory, "rabbitmq-server")).filter(existsSync);
  const candidates = [
    ...globSync("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"),
    ...inPath.map((script) => dirname(realpathSync(script))),
  ];
  // Debian's rabbitmq-server in the PATH is a wrapper that changes the user; only the real one has this neighbour.
  const scripts = candidates.find((directory) => existsSync(join(directory, "rabbitmq-env")));
  return scripts === undefined ? undefined : { scripts, env: { PATH: SEARCH_PATH } };
}

async function unpackBroker(root: string, report: (doing: string) => void): Promise<void> {
  await unpackDebianPackage("rabbitmq-server", root, report);
  const erl = join(root, "usr/lib/erlang/bin/erl");
  // Erlang's own start script insists on /usr/lib/erlang.
  if (existsSync(erl)) await writeFile(erl, RELOCATABLE_ERL);
  // Proves that every shared library is there, before anything relies on it.
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
    // Where Erlang itself is installed, only the parts of it that were missing are here.
    ERL_LIBS: join(root, "usr/lib/erlang/lib"),
    LD_LIBRARY_PATH: globSync(join(root, "{lib,usr/lib}/*-linux-gnu*")).join(delimiter),
  };
  return { scripts, env };
}

function howToGetIt(): string {
  const debian = "`sudo apt-get install rabbitmq-server`, or your system's package of that name";
  const how = process.platform === "darwin" ? "`brew install rabbitmq`" : debian;
  return `Install it (${how}), or set AMQP_URL to a broker that runs already.`;
}
