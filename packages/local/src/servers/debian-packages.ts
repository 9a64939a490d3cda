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
  /** The name that people use. */
  title: string;
  packages: readonly string[];
  /** Adapts the unpacked program to its folder, and proves that it starts. */
  prepare(root: string): Promise<void>;
  /** A sentence: how else a person can get the program. */
  howToGetIt: string;
}

/** The folder in the user's cache that holds a program from Debian's packages. The first caller unpacks it there. */
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
    throw new SetupError(`${title} is not available from Debian's packages: ${error.message}. ${howToGetIt}`);
  });
  return root;
}

/**
 * The value of LD_LIBRARY_PATH with which unpacked programs find the libraries that were unpacked with them. PulseAudio's
 * libraries have a folder of their own, and PulseAudio looks for it at its path in an installed system.
 */
export function libraryPath(root: string): string {
  return globSync(join(root, "{lib,usr/lib}/*-linux-gnu*{,/pulseaudio}")).join(delimiter);
}

/** Downloads a Debian package and those of its dependencies that this machine lacks, and unpacks them; installs nothing. */
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

/** A fresh container image has no package lists; an old machine has lists of versions that are no longer published. */
async function downloadWithFreshLists(
  name: string,
  cache: string,
  report: (doing: string) => void,
): Promise<void> {
  const ownLists = ["-o", `Dir::State::lists=${join(cache, "lists")}`];
  report("downloading Debian's package lists");
  let missed: unknown;
  // A source that fails may not be the one with the package. If it is, this failure is the reason to show.
  await apt(cache, [...ownLists, "-o", "APT::Update::Error-Mode=any", "update"]).catch((error) => {
    missed = error;
  });
  report(`downloading Debian's ${name}`);
  await download(name, cache, ownLists).catch((error) => Promise.reject(missed ?? error));
}

async function download(name: string, cache: string, options: readonly string[]): Promise<void> {
  await apt(cache, [...options, "-y", "--no-install-recommends", "--download-only", "install", name]);
}

/** apt-get that touches only `cache`, and so needs neither root nor the system's lock. */
async function apt(cache: string, args: readonly string[]): Promise<void> {
  const settings = [
    `Dir::Cache=${cache}`,
    "Debug::NoLocking=true",
    // Under root, apt switches to its own user, which cannot write to a folder in root's home.
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    `Acquire::http::Timeout=${SLOW_SERVER_SECONDS}`,
    `Acquire::https::Timeout=${SLOW_SERVER_SECONDS}`,
  ];
  const env = { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["-q", ...settings.flatMap((setting) => ["-o", setting]), ...args], { env });
}
