import { join } from "node:path";
import { PORT_NAMES, portFlag } from "@cloud-design/local/platform/settings";
import { freePort } from "@cloud-design/local/servers/free-port";
import { runInOrder } from "@cloud-design/local/supervisor/graph";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { type RunningPart, startPart } from "@cloud-design/local/supervisor/process";
import { baseImages } from "./base-images.ts";
import { buildImage, type Image } from "./build-image.ts";
import { ADDRESSES, type Addresses, readServices, type Service } from "./compose-file.ts";
import { type Container, createContainer } from "./container.ts";

/** One container of compose.yaml. */
interface Member {
  image: Image;
  container: Container;
  running: RunningPart;
  logFile: string;
  /** In milliseconds since 1970. */
  startedAt: number;
}

/** The containers of `docker compose up`, on ports of their own, until the end of the block. */
export interface ComposeProject extends AsyncDisposable {
  addresses: Addresses;
  member(name: string): Member;
  /** Stops a container like `docker compose stop` and starts it again. */
  restart(name: string): Promise<void>;
}

export async function startProject(): Promise<ComposeProject> {
  const resources = new AsyncDisposableStack();
  try {
    const addresses = {} as Addresses;
    for (const name of ADDRESSES) addresses[name] = await freePort();
    const services = readServices(addresses);
    const images = await buildImages(services, resources);
    const members = new Map<string, Member>();
    const steps = Object.entries(services).map(([name, service]) => ({
      name,
      needs: Object.keys(service.depends_on),
      run: async () => {
        const member = await start(name, service, images(service), addresses);
        members.set(name, member);
        resources.defer(() => end(name, found(members.get(name), name)));
      },
    }));
    await runInOrder(steps, new AbortController().signal);
    const member = (name: string) => found(members.get(name), name);
    return {
      addresses,
      member,
      async restart(name) {
        const { running, container, image } = member(name);
        await running.stop();
        members.set(name, await startContainer(image, container));
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

async function end(name: string, { running, container }: Member): Promise<void> {
  await running.stop();
  // In a container Erlang's daemon would end with it, but here it is a process of the machine. It has a port of its own; this call fails if the
  // daemon has ended already.
  if (name === "rabbitmq") await container.exec("epmd", "-kill").catch(() => {});
}

/** Each Dockerfile once with the same arguments, all in parallel: most of a build waits for packages. */
async function buildImages(services: Record<string, Service>, resources: AsyncDisposableStack) {
  const keyOf = ({ build }: Service) => JSON.stringify(build);
  const builds = new Map(
    Object.entries(services).map(([name, service]) => [keyOf(service), { name, ...service.build }]),
  );
  const base = await baseImages();
  const images = new Map<string, Image>();
  const building = [...builds].map(async ([key, build]) => {
    images.set(key, resources.use(await buildImage(build, base)));
  });
  const failed = (await Promise.allSettled(building)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return (service: Service) => found(images.get(keyOf(service)), service.build.dockerfile);
}

async function start(name: string, service: Service, image: Image, addresses: Addresses): Promise<Member> {
  const { environment, volumes } = service;
  const { env, args, isReady } = await moved(name, image, addresses);
  const options = { name, image, volumes, env: { ...environment, ...env }, args, isReady };
  return startContainer(image, await createContainer(options));
}

async function startContainer(image: Image, container: Container): Promise<Member> {
  const logFile = join(image.store.directory, `${container.part.name}.log`);
  const startedAt = Date.now();
  return { image, container, logFile, startedAt, running: await startPart(container.part, { logFile }) };
}

interface Moved {
  env: Record<string, string>;
  args?: readonly string[];
  isReady?: () => Promise<boolean>;
}

/** The settings that give a container its port here. */
async function moved(name: string, { store }: Image, addresses: Addresses): Promise<Moved> {
  const port = (address: keyof Addresses) => String(addresses[address]);
  const free = async () => String(await freePort());
  switch (name) {
    case "inventory-database":
    case "billing-database":
      return { env: { PGPORT: port(`${name}:5432`) } };
    case "inventory-app":
    case "billing-app":
      return { env: { HOST: "127.0.0.1", PORT: port(`${name}:8080`) } };
    case "rabbitmq": {
      const inside = { RABBITMQ_DIST_PORT: await free(), ERL_EPMD_PORT: await free() };
      return { env: { RABBITMQ_NODE_PORT: port("rabbitmq:5672"), ...inside } };
    }
    default: {
      const ports = [
        "--gateway-port",
        port("api-gateway-app:3000"),
        "--site-port",
        port("api-gateway-app:4000"),
        "--identity-port",
        port("api-gateway-app:9000"),
      ];
      const own = PORT_NAMES.filter((name) => /^(sqs|s3|telemetry|.*-metrics)$/.test(name));
      for (const name of own) ports.push(portFlag(name), await free());
      return {
        env: {},
        args: ports,
        // Its HEALTHCHECK asks port 3000, which another program may use here.
        isReady: async () => readPlatform(join(store.directory, name))?.state === "running",
      };
    }
  }
}

function found<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Error(`compose.yaml has no ${name}.`);
  return thing;
}
