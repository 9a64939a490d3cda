import { createReadStream } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGzip } from "node:zlib";
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
  /** Below the root of the repository, as all paths in it unless `context` is another folder. */
  dockerfile: string;
  context?: string;
}

/** Builds a Dockerfile from the images in the store `base`, which it names without their digests. It is there until the end of the block. */
export async function buildImage(
  { name, dockerfile, context = "." }: Build,
  base: string,
): Promise<AsyncDisposable & Image> {
  const store = await temporaryStore(base);
  try {
    const options = ["--isolation=chroot", "--pull-never", "--format=docker", `--tag=${name}`];
    const volumes = (await registryAccess(store)).map((volume) => `--volume=${volume}`);
    const file = join(store.directory, "Dockerfile");
    await writeFile(file, withoutDigests(await readFile(join(ROOT, dockerfile), "utf8")));
    await store.buildah("build", ...options, ...volumes, `--file=${file}`, join(ROOT, context));
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

/** What the last stage put on top of its base: its size in a registry, and the files in it. */
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
  for await (const chunk of createReadStream(archive).pipe(createGzip())) compressedBytes += chunk.length;
  return { compressedBytes, files: paths.filter((path) => !path.endsWith("/")) };
}

/**
 * What a build needs to reach the package registry as this machine does, mounted for as long as it lasts: settings and
 * certificates, never part of an image.
 */
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

/** What `--mount=type=cache` asks for is this machine's own store of packages: nothing that it has is fetched again. */
async function sharePackages(directory: string): Promise<void> {
  const modules = JSON.parse(await readFile(join(ROOT, "node_modules/.modules.yaml"), "utf8"));
  const { storeDir } = z.object({ storeDir: z.string() }).parse(modules);
  const cache = join(directory, "tmp/buildah-cache/pnpm");
  await mkdir(cache, { recursive: true });
  await symlink(dirname(storeDir), join(cache, "store"));
}
