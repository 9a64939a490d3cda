import { execFile, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "@cloud-design/local/servers/cache-directory";
import { createOnce, removeAbandoned } from "@cloud-design/local/servers/create-once";
import { unpackDebianPackage } from "@cloud-design/local/servers/debian-packages";
import { run } from "@cloud-design/local/servers/run";
import { findProgram, isInstalled, SEARCH_PATH } from "@cloud-design/local/servers/search-path";
import { isRoot } from "@cloud-design/local/servers/unprivileged";
import * as z from "zod";

const execFileAsync = promisify(execFile);
/** An installation prints a line for each package. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const SHOWN_LINES = 40;
const MIRROR_MILLISECONDS = 5_000;
export const DEBIAN_RELEASE = "bookworm";
/** The archive that the images install packages from, too. */
export const DEBIAN_MIRROR = "http://deb.debian.org/debian";

const Info = z.object({ store: z.object({ GraphDriverName: z.string() }) });

/** A store of images that is separate from any container engine of this machine. */
export interface Store extends AsyncDisposable {
  directory: string;
  /** The environment in which buildah uses this store. */
  env: Readonly<Record<string, string>>;
  /** Runs one buildah command. Resolves with its standard output. */
  buildah(...args: string[]): Promise<string>;
}

/** The reason why no image can be built here; undefined if one can. */
export async function whyNoImages(): Promise<string | undefined> {
  if (!isRoot) return "only root can do it without a container engine";
  if (!isInstalled("apt-get")) return "it takes Debian's buildah";
  if (spawnSync("unshare", ["--mount", "true"]).status !== 0) return "root may not mount anything here";
  const release = `${DEBIAN_MIRROR}/dists/${DEBIAN_RELEASE}/Release`;
  const options = { method: "HEAD", signal: AbortSignal.timeout(MIRROR_MILLISECONDS) };
  const isThere = await fetch(release, options).then(
    ({ ok }) => ok,
    () => false,
  );
  return isThere ? undefined : `${release} cannot be read`;
}

/** A store until the end of the block. It can use the images in the store of `base`, but not change them. */
export async function temporaryStore(base?: string): Promise<Store> {
  // Beside the base: a storage driver that works for one must work for the other.
  const builds = join(cacheDirectory("images"), "build");
  await mkdir(dirname(builds), { recursive: true });
  await removeAbandoned(builds);
  const store = await openStore(await mkdtemp(`${builds}.`), base);
  return { ...store, [Symbol.asyncDispose]: () => rm(store.directory, { recursive: true, force: true }) };
}

/** Creates the store in an existing empty directory. */
export async function openStore(
  directory: string,
  base?: string,
): Promise<Omit<Store, typeof Symbol.asyncDispose>> {
  const program = await findBuildah();
  const temporary = join(directory, "tmp");
  await mkdir(temporary);
  await mkdir(join(directory, ".config/containers"), { recursive: true });
  const policy = join(directory, ".config/containers/policy.json");
  await writeFile(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  const registries = join(directory, "registries.conf");
  // A short name is one of Docker's.
  await writeFile(registries, 'unqualified-search-registries = ["docker.io"]\n');
  const storage = join(directory, "storage.conf");
  const env = {
    PATH: [dirname(program), SEARCH_PATH].join(delimiter),
    HOME: directory,
    TMPDIR: temporary,
    CONTAINERS_STORAGE_CONF: storage,
    CONTAINERS_REGISTRIES_CONF: registries,
  };
  // Without a driver buildah chooses the best one for the file system and prints it, but it warns each time.
  await writeFile(storage, storageConfiguration({ directory, base, driver: "" }));
  const { store } = Info.parse(JSON.parse(await runBuildah(["info"], env)));
  await writeFile(storage, storageConfiguration({ directory, base, driver: store.GraphDriverName }));
  return { directory, env, buildah: (...args) => runBuildah(args, env) };
}

async function runBuildah(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  // In a mount namespace of its own: no mount stays behind, even after a crash.
  const options = { env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX };
  const running = execFileAsync("unshare", ["--mount", "buildah", ...args], options);
  const { stdout } = await running.catch(({ stdout = "", stderr = "", message }) => {
    const lines = `${stdout}${stderr || message}`.trim().split("\n").slice(-SHOWN_LINES);
    throw new Error([`buildah ${args.join(" ")}`, ...lines].join("\n"));
  });
  return stdout.trim();
}

function storageConfiguration({ directory, base, driver }: Record<string, string | undefined>): string {
  return `[storage]
driver = "${driver}"
graphroot = "${directory}/store"
runroot = "${directory}/run"
[storage.options]
additionalimagestores = [${base === undefined ? "" : `"${base}/store"`}]
`;
}

async function findBuildah(): Promise<string> {
  const installed = findProgram("buildah");
  if (installed !== undefined) return installed;
  const root = cacheDirectory("buildah");
  await createOnce(root, async (temporary) => {
    await unpackDebianPackage("buildah", temporary, () => {});
    await takeLibrariesFrom(root, temporary);
  });
  return join(root, "usr/bin/buildah");
}

/** The program starts itself again with an empty environment, so its library path must be part of the program itself. */
async function takeLibrariesFrom(root: string, temporary: string): Promise<void> {
  const tools = join(temporary, "tools");
  await unpackDebianPackage("patchelf", tools, () => {});
  const folders = globSync("{lib,usr/lib}/*-linux-gnu*", { cwd: temporary });
  const libraries = folders.map((folder) => join(root, folder)).join(":");
  const patchelf = join(tools, "usr/bin/patchelf");
  await run(patchelf, ["--force-rpath", "--set-rpath", libraries, join(temporary, "usr/bin/buildah")]);
  await rm(tools, { recursive: true });
}
