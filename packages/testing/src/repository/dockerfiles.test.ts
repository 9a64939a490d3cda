import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { BillingEnvironment } from "@cloud-design/containers/billing/env";
import { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { parseEnvironment } from "@cloud-design/core/environment";
import { PROGRAMS } from "@cloud-design/core/identity/scopes";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "../../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const SERVICES = ["packages/containers", "packages/cli"];
const SERVERS = ["packages/containers/postgresql", "packages/containers/rabbitmq"];
/** A tag for people, and the digest of its content at the time, for the builder. */
const PINNED = /^\w+:\d+\.\d+\S*@sha256:[0-9a-f]{64}$/;

/** The instructions of a Dockerfile, each on one line, stage by stage. */
function stages(folder: string): string[][] {
  const text = read(`${folder}/Dockerfile`)
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "");
  const instructions = text.split("\n").filter((line) => line !== "");
  return instructions.reduce<string[][]>((found, line) => {
    if (line.startsWith("FROM ")) found.push([]);
    found.at(-1)?.push(line);
    return found;
  }, []);
}

/** The foreign images that a Dockerfile starts from or copies from. */
function foreignImages(folder: string): string[] {
  const own = stages(folder).map(([from = ""]) => / AS (\w+)$/.exec(from)?.[1]);
  return stages(folder)
    .flat()
    .flatMap((line) => /(?:^FROM (?:--\S+ )?|--from=)(\S+)/.exec(line)?.[1] ?? [])
    .filter((name) => !own.includes(name));
}

it("all images start from one Debian and take one Node", () => {
  const names = new Set([...SERVICES, ...SERVERS].flatMap(foreignImages));
  expect([...names].map((name) => name.split(":")[0]).toSorted()).toEqual(["debian", "node"]);
});

it.each(SERVICES)("the patches are there when the packages of %s are installed", (folder) => {
  const installing = stages(folder).filter((lines) => lines.some((line) => line.includes(" install ")));
  expect(installing.length).toBeGreaterThan(0);
  for (const lines of installing) {
    const patched = lines.indexOf("COPY patches patches");
    expect(patched).toBeGreaterThan(0);
    expect(patched).toBeLessThan(lines.findIndex((line) => line.includes(" install ")));
  }
});

describe.each([...SERVICES, ...SERVERS])("the image of %s", (folder) => {
  const last = stages(folder).at(-1) ?? [];
  const one = (instruction: string) => last.filter((line) => line.startsWith(`${instruction} `)).join("\n");

  it("is Debian 12", () => {
    expect(last[0]).toMatch(/^FROM debian:12\.\d+-slim@/);
  });

  it("pins each foreign image by its digest", () => {
    expect(foreignImages(folder).filter((name) => !PINNED.test(name))).toEqual([]);
  });

  it("runs as a number that no file of Debian belongs to", () => {
    expect(one("USER")).toBe("USER 10001:10001");
  });

  it("receives the engine's signals itself, without a shell between", () => {
    expect(() =>
      z
        .array(z.string())
        .min(1)
        .parse(JSON.parse(one("CMD").slice("CMD ".length))),
    ).not.toThrow();
  });

  it("has a health check", () => {
    expect(one("HEALTHCHECK")).toMatch(/^HEALTHCHECK --interval=\d+s --timeout=\d+s .*CMD \["/);
  });

  it("is for any processor that the builder is asked for", () => {
    expect(read(`${folder}/Dockerfile`)).not.toMatch(/amd64|arm64|x64|x86|aarch64/);
  });
});

describe.each(SERVICES)("the image of %s", (folder) => {
  it("needs no emulator for another processor", () => {
    expect(
      stages(folder)
        .at(-1)
        ?.filter((line) => line.startsWith("RUN ")),
    ).toEqual([]);
  });

  it("has the Node that everything is tested on", () => {
    const copies = stages(folder)
      .at(-1)
      ?.filter((line) => line.startsWith(`COPY --from=node:${process.versions.node}-bookworm-slim@`));
    expect(copies).toEqual([expect.stringMatching(/ \/usr\/local\/bin\/node \/usr\/local\/bin\/$/)]);
  });
});

const Service = z.object({
  image: z.string(),
  pull_policy: z.string(),
  container_name: z.string(),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.object({ name: z.string() })),
});

describe("compose.yaml", () => {
  const text = read("compose.yaml");
  const { services, volumes } = Compose.parse(parse(text, { merge: true }));
  const credentials = parseEnv(read(".env.example"));

  function environmentOf(name: string): NodeJS.ProcessEnv {
    const entries = Object.entries(services[name]?.environment ?? {});
    const filled = entries.map(([key, value]) => [
      key,
      value.replaceAll(/\$\{(\w+):\?.*?\}/g, (_, variable) => credentials[variable] ?? ""),
    ]);
    return { PORT: "8080", ...Object.fromEntries(filled) };
  }

  it("runs the six containers of the exercise, each from an image of its name that is built here", () => {
    const names = Object.values(services).map(({ container_name, image }) => [container_name, image]);
    expect(names.toSorted()).toEqual([
      ["RabbitMQ", "rabbitmq"],
      ["api-gateway-app", "api-gateway-app"],
      ["billing-app", "billing-app"],
      ["billing-database", "billing-database"],
      ["inventory-app", "inventory-app"],
      ["inventory-database", "inventory-database"],
    ]);
    expect(new Set(Object.values(services).map(({ pull_policy }) => pull_policy))).toEqual(
      new Set(["build"]),
    );
  });

  it("lets this machine reach only the gateway and the site; only the API may be opened to other machines", () => {
    const published = Object.entries(services).flatMap(([name, { ports }]) =>
      ports.map((port) => [name, port]),
    );
    expect(published).toEqual([
      // biome-ignore lint/suspicious/noTemplateCurlyInString: compose puts the variable in.
      ["api-gateway-app", "${API_ADDRESS:-127.0.0.1}:3000:3000"],
      ["api-gateway-app", "127.0.0.1:4000:4000"],
    ]);
  });

  it.each(Object.keys(services))(
    "starts %s again after a failure, and gives it a read-only file system",
    (name) => {
      expect(services[name]).toMatchObject({
        restart: "on-failure",
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        networks: ["cloud-design"],
      });
    },
  );

  it("keeps data that must outlive a container in volumes of these names", () => {
    const mounted = Object.values(services).flatMap((service) => service.volumes);
    const names = ["api-gateway-app", "billing-database", "inventory-database", "rabbitmq"];
    expect(mounted.map((volume) => volume.split(":")[0]).toSorted()).toEqual(names);
    expect(
      Object.values(volumes)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names);
  });

  it("starts each container after its dependencies are healthy", () => {
    const conditions = Object.values(services).flatMap((service) => Object.values(service.depends_on));
    expect(new Set(conditions.map(({ condition }) => condition))).toEqual(new Set(["service_healthy"]));
  });

  it("says what to do when a credential is missing, and asks only for those of .env.example", () => {
    const asked = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)].map(([, name, rest]) => ({ name, rest }));
    const required = asked.filter(({ name }) => name !== "API_ADDRESS");
    expect(new Set(required.map(({ rest }) => rest))).toEqual(new Set([":?copy .env.example to .env"]));
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(Object.keys(credentials)));
  });

  it("has the services accept the tokens of each client of the laptop", () => {
    const clients = ["web", ...PROGRAMS].toSorted();
    for (const service of ["inventory-app", "billing-app"])
      expect(services[service]?.environment.COGNITO_CLIENT_IDS?.split(",").toSorted()).toEqual(clients);
  });

  it("gives the services valid settings", () => {
    expect(() => parseEnvironment(InventoryEnvironment, environmentOf("inventory-app"))).not.toThrow();
    expect(() => parseEnvironment(BillingEnvironment, environmentOf("billing-app"))).not.toThrow();
  });
});

describe(".env", () => {
  const names = Object.keys(parseEnv(read(".env.example")));

  it("stays out of the repository", () => {
    expect(read(".gitignore").split("\n")).toContain(".env");
  });

  it("does not affect a deployment, which reads that file too", () => {
    const ofDeployments =
      /^(AWS_.*|SST_.*|SITE_DOMAIN|SITE_CERTIFICATE_ARN|WEB_ACL_ARN|API_DOMAIN|API_CERTIFICATE_ARN|ORIGIN_.*|ALARM_EMAIL|BUDGET_USD)$/;
    expect(names.filter((name) => ofDeployments.test(name))).toEqual([]);
  });
});
