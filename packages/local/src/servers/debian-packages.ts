import { globSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

const SLOW_SERVER_SECONDS = 20;

/** Downloads a Debian package and what it needs and this machine lacks, and unpacks them; installs nothing. */
export async function unpackDebianPackage(
  name: string,
  into: string,
  report: (doing: string) => void,
): Promise<void> {
  const cache = join(into, ".apt");
  await mkdir(join(cache, "archives/partial"), { recursive: true });
  await mkdir(join(cache, "lists/partial"), { recursive: true });
  report(`downloading Debian's ${name}`);
  await download(name, cache, []).catch(() => downloadWithFreshLists(name, cache, report));
  report(`unpacking ${name}`);
  for (const archive of globSync(join(cache, "archives/*.deb"))) await run("dpkg-deb", ["-x", archive, into]);
  await rm(cache, { recursive: true });
}

/** A fresh container image has no package lists, an old machine has some that name versions long gone. */
async function downloadWithFreshLists(
  name: string,
  cache: string,
  report: (doing: string) => void,
): Promise<void> {
  const ownLists = ["-o", `Dir::State::lists=${join(cache, "lists")}`];
  report("downloading Debian's package lists");
  let missed: unknown;
  // One source that does not answer need not be the one that matters; but if it is, it is the reason.
  await apt(cache, [...ownLists, "-o", "APT::Update::Error-Mode=any", "update"]).catch((error) => {
    missed = error;
  });
  report(`downloading Debian's ${name}`);
  await download(name, cache, ownLists).catch((error) => Promise.reject(missed ?? error));
}

async function download(name: string, cache: string, options: readonly string[]): Promise<void> {
  await apt(cache, [...options, "-y", "--no-install-recommends", "--download-only", "install", name]);
}

/** apt-get that touches nothing but `cache`, and so needs neither root nor the system's lock. */
async function apt(cache: string, args: readonly string[]): Promise<void> {
  const settings = [
    `Dir::Cache=${cache}`,
    "Debug::NoLocking=true",
    // Under root apt drops to its own user, who cannot write to a folder in root's home.
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    `Acquire::http::Timeout=${SLOW_SERVER_SECONDS}`,
    `Acquire::https::Timeout=${SLOW_SERVER_SECONDS}`,
  ];
  const env = { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["-q", ...settings.flatMap((setting) => ["-o", setting]), ...args], { env });
}
