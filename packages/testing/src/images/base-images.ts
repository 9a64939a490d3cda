import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { cacheDirectory } from "@cloud-design/local/servers/cache-directory";
import { createOnce } from "@cloud-design/local/servers/create-once";
import { unpackDebianPackage } from "@cloud-design/local/servers/debian-packages";
import { run } from "@cloud-design/local/servers/run";
import { DEBIAN_MIRROR, DEBIAN_RELEASE, openStore } from "./buildah.ts";

/**
 * Settings of Debian's own slim images: an installation starts no service, leaves no package files, does not wait for the disk and installs no
 * manuals.
 */
const SETTINGS = {
  "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
  "etc/apt/apt.conf.d/clean": 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };\n',
  "etc/dpkg/dpkg.cfg.d/speed": "force-unsafe-io\n",
  "etc/dpkg/dpkg.cfg.d/slim":
    "path-exclude /usr/share/doc/*\npath-exclude /usr/share/locale/*\npath-exclude /usr/share/man/*\n",
  // The path of the engine's own image.
  "etc/hosts": "",
};

/**
 * A store with stand-ins for the base images of the Dockerfiles, under their names: Debian from its own packages, and the Node that runs this
 * test. No registry is needed, and the stand-ins must not be published.
 */
export async function baseImages(): Promise<string> {
  const names = baseNames();
  const recipe = JSON.stringify(names) + process.version + readFileSync(import.meta.filename, "utf8");
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  const directory = join(cacheDirectory("images"), `base-${hash}`);
  await createOnce(directory, async (temporary) => {
    const { buildah } = await openStore(temporary);
    const context = join(temporary, "context");
    await mkdir(context);
    await createDebian(context);
    const build = async (name: string, dockerfile: string) => {
      await writeFile(join(context, "Dockerfile"), dockerfile);
      const options = ["--isolation=chroot", "--pull-never", `--tag=docker.io/library/${name}`];
      await buildah("build", ...options, context);
    };
    await build(names.debian, 'FROM scratch\nADD debian.tar /\nCMD ["bash"]\n');
    await createNode(join(context, "node"));
    await build(names.node, `FROM ${names.debian}\nCOPY node /usr/local\n`);
    await rm(context, { recursive: true });
  });
  return directory;
}

/** A Dockerfile without the digests of its base images, since stand-ins have other digests. */
export function withoutDigests(dockerfile: string): string {
  return dockerfile.replaceAll(/@sha256:[0-9a-f]{64}/g, "");
}

function baseNames(): { debian: string; node: string } {
  const dockerfile = withoutDigests(readFileSync(join(ROOT, "packages/containers/Dockerfile"), "utf8"));
  const nameOf = (image: string) => {
    const name = new RegExp(`^FROM .*?(${image}:\\S+)`, "m").exec(dockerfile)?.[1];
    if (name === undefined) throw new Error(`The Dockerfile of the services does not start from ${image}.`);
    return name;
  };
  return { debian: nameOf("debian"), node: nameOf("node") };
}

async function createDebian(context: string): Promise<void> {
  const tools = join(context, "tools");
  const root = join(context, "debian");
  await unpackDebianPackage("debootstrap", tools, () => {});
  const debootstrap = ["--variant=minbase", DEBIAN_RELEASE, root, DEBIAN_MIRROR];
  await run("unshare", ["--mount", "sh", join(tools, "usr/sbin/debootstrap"), ...debootstrap], {
    env: { DEBOOTSTRAP_DIR: join(tools, "usr/share/debootstrap") },
  });
  for (const [path, text] of Object.entries(SETTINGS))
    await writeFile(join(root, path), text, { mode: 0o755 });
  for (const path of ["var/cache/apt/archives", "usr/share/doc", "usr/share/locale", "usr/share/man"]) {
    await rm(join(root, path), { recursive: true });
  }
  await run("tar", ["--create", `--file=${join(context, "debian.tar")}`, `--directory=${root}`, "."]);
  await rm(root, { recursive: true });
}

async function createNode(prefix: string): Promise<void> {
  await mkdir(join(prefix, "bin"), { recursive: true });
  await copyFile(process.execPath, join(prefix, "bin/node"));
  await run("npm", ["install", "--global", `--prefix=${prefix}`, "npm@11"]);
}
