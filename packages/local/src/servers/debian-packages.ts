import { globSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { SetupError } from "../supervisor/part.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { createOnce } from "./create-once.ts";
import { run } from "./run.ts";
import { isInstalled } from "./search-path.ts";

const SLOW_SERVER_SECONDS = 20;

export interface DebianProgram {
  /** As people call it. */
  title: string;
  packages: readonly string[];
  /** Makes what was unpacked work where it lies, and proves that it does. */
  prepare(root: string): Promise<void>;
  /** A sentence: what else a person can do. */
  howToGetIt: string;
}

/** The folder in the user's cache with a program from Debian's packages, unpacked there by the first caller. */
export async function debianProgram(
  { title, packages, prepare, howToGetIt }: DebianProgram,
  report: (doing: string) => void,
): Promise<string> {
  if (!isInstalled("apt-get") || !isInstalled("dpkg-deb"))
    throw new SetupError(`${title} is missing. ${howToGetIt}`);
  const root = cacheDirectory(title.toLowerCase());
  await createOnce(root, async (temporary) => {
    for (const name of packages) await unpackDebianPackage(name, temporary, report);
    await prepare(temporary);
  }).catch((error: Error) => {
    throw new SetupError(`${title} could not be had from Debian's packages: ${error.message}. ${howToGetIt}`);
  });
  return root;
}

/**
 * The value of LD_LIBRARY_PATH with which unpacked programs find the libraries that were unpacked with them. PulseAudio's
 * have a folder of their own, and name it by its path in the system.
 */
export function libraryPath(root: string): string {
  return globSync(join(root, "{lib,usr/lib}/*-linux-gnu*{,/pulseaudio}")).join(delimiter);
}

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
