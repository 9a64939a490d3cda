import { createReadStream } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { constants, createGzip } from "node:zlib";
import { ROOT } from "@cloud-design/local/platform/settings";
import { run } from "@cloud-design/local/servers/run";
import * as z from "zod";
import { withoutDigests } from "./base-images.ts";
import { type Store, temporaryStore } from "./buildah.ts";

const Inspection = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Cmd: z.array(z.string()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
      WorkingDir: z.string(),
      ExposedPorts: z.record(z.string(), z.unknown()),
      StopSignal: z.string().optional(),
    }),
  }),
});

const Manifest = z.object({ layers: z.array(z.object({ digest: z.string() })) });

export interface Image {
  name: string;
  config: z.output<typeof Inspection>["Docker"]["config"];
  store: Store;
}

interface Build {
  name: string;
  /** The path below the root of the repository, which is the root of all paths in it unless `context` is another folder. */
  dockerfile: string;
  context?: string;
  /** The build's arguments, by name. */
  args?: Record<string, string>;
}

/** Builds a Dockerfile from the images in the store `base`, without their digests. The image exists until the end of the block. */
export async function buildImage(
  { name, dockerfile, context = ".", args = {} }: Build,
  base: string,
): Promise<AsyncDisposable & Image> {
  const store = await temporaryStore(base);
  try {
    const options = ["--isolation=chroot", "--pull-never", "--format=docker", `--tag=${name}`];
    const values = Object.entries(args).map(([argument, value]) => `--build-arg=${argument}=${value}`);
    const volumes = (await registryAccess(store)).map((volume) => `--volume=${volume}`);
    const file = join(store.directory, "Dockerfile");
    await writeFile(file, withoutDigests(await readFile(join(ROOT, dockerfile), "utf8")));
    await store.buildah("build", ...options, ...values, ...volumes, `--file=${file}`, join(ROOT, context));
    const inspection = Inspection.parse(JSON.parse(await store.buildah("inspect", "--type=image", name)));
    return {
      name,
      config: inspection.Docker.config,
      store,
      [Symbol.asyncDispose]: store[Symbol.asyncDispose],
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** The layer of the last stage: the most that its size in a registry can be, and its files. */
export async function ownLayer({
  name,
  store,
}: Image): Promise<{ compressedBytes: number; files: string[] }> {
  const pushed = join(store.directory, "pushed");
  await store.buildah("push", "--format=v2s2", "--disable-compression", name, `dir:${pushed}`);
  const { layers } = Manifest.parse(JSON.parse(await readFile(join(pushed, "manifest.json"), "utf8")));
  const [, layer] = layers;
  if (layers.length !== 2 || layer === undefined) throw new Error(`${name} has ${layers.length} layers.`);
  const archive = join(pushed, layer.digest.replace("sha256:", ""));
  const paths = (await run("tar", ["--list", `--file=${archive}`])).trim().split("\n");
  let compressedBytes = 0;
  // A registry's client compresses better, and takes twice as long.
  for await (const chunk of createReadStream(archive).pipe(createGzip({ level: constants.Z_BEST_SPEED })))
    compressedBytes += chunk.length;
  return { compressedBytes, files: paths.filter((path) => !path.endsWith("/")) };
}

/** The machine's access to the package registry, mounted during a build: settings and certificates, which never become part of an image. */
async function registryAccess({ directory }: Store): Promise<string[]> {
  const setting = async (name: string) => (await run("npm", ["config", "get", name])).trim();
  const own = await readFile(await setting("userconfig"), "utf8").catch(() => "");
  const certificates = process.env.NODE_EXTRA_CA_CERTS ?? (await setting("cafile"));
  const hasCertificates = certificates !== "null" && certificates !== "";
  const npmrc = join(directory, "npmrc");
  const lines = [
    own,
    `registry=${await setting("registry")}`,
    hasCertificates ? "cafile=/mnt/certificates" : "",
  ];
  await writeFile(npmrc, lines.join("\n"), { mode: 0o600 });
  await sharePackages(directory);
  const volumes = [`${npmrc}:/root/.npmrc:ro`];
  return hasCertificates ? [...volumes, `${certificates}:/mnt/certificates:ro`] : volumes;
}

/** `--mount=type=cache` mounts this machine's own package store, so that a build does not download its packages again. */
async function sharePackages(directory: string): Promise<void> {
  const modules = JSON.parse(await readFile(join(ROOT, "node_modules/.modules.yaml"), "utf8"));
  const { storeDir } = z.object({ storeDir: z.string() }).parse(modules);
  const cache = join(directory, "tmp/buildah-cache/pnpm");
  await mkdir(cache, { recursive: true });
  await symlink(dirname(storeDir), join(cache, "store"));
}
