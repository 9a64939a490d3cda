import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@cloud-design/local/servers/run";
import type { Command, Part } from "@cloud-design/local/supervisor/part";
import type { Image } from "./build-image.ts";

/**
 * The part of an engine that these images rely on: the image's files read-only, its user without any capability and without a way to gain one.
 * Network and process numbers are the machine's.
 */
const SANDBOX = `
root=$(buildah mount "$1") user=$2 directory=$3
shift 3
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --types proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind /etc/hosts "$root/etc/hosts"
while [ "$1" != -- ]; do
  mount --bind "\${1%%:*}" "$root\${1#*:}"
  shift
done
shift
exec chroot "$root" setpriv --reuid="\${user%:*}" --regid="\${user#*:}" --clear-groups --no-new-privs \\
  --bounding-set=-all --inh-caps=-all env --ignore-environment --chdir="$directory" "$@"`;

interface ContainerOptions {
  name: string;
  image: Image;
  env: Readonly<Record<string, string>>;
  /** Further arguments of the image's command. */
  args?: readonly string[] | undefined;
  /** As in compose.yaml: a name, a colon, and the path in the container. */
  volumes: readonly string[];
  /** By default the result of the image's own HEALTHCHECK. */
  isReady?: Part["isReady"] | undefined;
}

export interface Container {
  part: Part;
  /** Runs a program in the container, beside its own. Resolves with its standard output. */
  exec(...command: string[]): Promise<string>;
  /** The result of the image's own HEALTHCHECK. */
  isHealthy(): Promise<boolean>;
}

/** A container of this image, to be started as a part. Its volumes are folders beside the image's store. */
export async function createContainer(options: ContainerOptions): Promise<Container> {
  const { name, image, args = [], isReady } = options;
  const { Cmd, Healthcheck, StopSignal } = image.config;
  const id = await image.store.buildah("from", "--pull-never", image.name);
  const mounts: string[] = [];
  for (const volume of options.volumes) mounts.push(await createVolume(volume, id, options));
  const inside = (command: readonly string[]) => sandboxed(command, id, options, mounts);
  const exec = (...command: string[]) => execute(inside(command));
  const isHealthy = () =>
    exec(...Healthcheck.Test.slice(1)).then(
      () => true,
      () => false,
    );
  const part: Part = {
    name,
    needs: [],
    port: 0,
    url: "",
    command: () => inside([...Cmd, ...args]),
    isReady: isReady ?? isHealthy,
    readySeconds: 120,
    stopSignal: StopSignal === "SIGINT" ? "SIGINT" : "SIGTERM",
    stopSeconds: 60,
  };
  return { part, exec, isHealthy };
}

/** A new folder that belongs to the image's user, as an engine creates a volume. Resolves with its mount. */
async function createVolume(volume: string, id: string, options: ContainerOptions): Promise<string> {
  const [source = "", target = ""] = volume.split(":");
  const owner = await execute(sandboxed(["stat", "--format=%u %g", target], id, options, []));
  const [uid = 0, gid = 0] = owner.split(" ").map(Number);
  const path = join(options.image.store.directory, source);
  await mkdir(path);
  await chown(path, uid, gid);
  return `${path}:${target}`;
}

function sandboxed(
  command: readonly string[],
  id: string,
  { image, env }: ContainerOptions,
  mounts: readonly string[],
): Command {
  const { User, WorkingDir, Env } = image.config;
  // As an engine does for a user without a name.
  const variables = ["HOME=/", ...Env, ...Object.entries(env).map((entry) => entry.join("="))];
  const args = [id, User, WorkingDir || "/", ...mounts, "--", ...variables, ...command];
  return { file: "unshare", args: ["--mount", "sh", "-euc", SANDBOX, "sh", ...args], env: image.store.env };
}

function execute({ file, args, env }: Command): Promise<string> {
  return run(file, args, { env });
}
