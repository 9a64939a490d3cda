import { readFileSync } from "node:fs";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { ownLayer } from "./build-image.ts";
import { temporaryStore, whyNoImages } from "./buildah.ts";
import { type ComposeProject, startProject } from "./compose-project.ts";

const COMPRESSED_BYTES_MAX = 80_000_000;
const obstacle = await whyNoImages();
if (obstacle !== undefined) console.warn(`The images are not built: ${obstacle}.`);

describe.skipIf(obstacle !== undefined)("the images", () => {
  let project: ComposeProject;
  beforeAll(async () => {
    project = await startProject();
  });
  afterAll(() => project?.[Symbol.asyncDispose](), 120_000);

  const urlOf = (address: keyof ComposeProject["addresses"]) =>
    `http://127.0.0.1:${project.addresses[address]}`;
  const getJson = async (url: string, headers = {}) => (await fetch(url, { headers })).json();

  it.each(["inventory-app", "billing-app"])(
    "%s adds Node and one file to Debian, in less than 80 MB",
    async (name) => {
      const { files, compressedBytes } = await ownLayer(project.member(name).image);
      expect(files.toSorted()).toEqual(["app/main.mjs", "usr/local/bin/node"]);
      expect(compressedBytes).toBeLessThan(COMPRESSED_BYTES_MAX);
    },
  );

  it.each(["inventory-app", "billing-app"])("%s starts Node itself, as a user without a name", (name) => {
    expect(project.member(name).image.config).toMatchObject({
      User: "10001:10001",
      Cmd: ["node", "main.mjs"],
      ExposedPorts: { "8080/tcp": {} },
    });
  });

  it.each([
    ["inventory-app", "/api/movies", { "inventory-database": "up" }],
    ["billing-app", "/api/billing/orders/x", { billing: "up", "billing-database": "up", rabbitmq: "up" }],
  ] as const)("%s serves with a read-only file system", async (name, path, components) => {
    const { container, logFile, startedAt } = project.member(name);
    const said = readFileSync(logFile, "utf8").split("\n");
    const { time } = z
      .object({ time: z.iso.datetime() })
      .parse(JSON.parse(said.find((line) => line.includes('"listening"')) ?? "{}"));
    console.info(`${name} listens ${Date.parse(time) - startedAt} ms after its start, sandbox included.`);
    const url = urlOf(`${name}:8080`);
    expect(await getJson(`${url}/health/components`)).toEqual(components);
    const refused = await fetch(url + path);
    expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    const write = container.exec("node", "--eval", "fs.writeFileSync('/app/x', '')");
    await expect(write).rejects.toThrow("EROFS");
  });

  it("records an order, and still has it after a restart of its database", async () => {
    const token = await project.member("api-gateway-app").container.exec("platform", "token", "ordinary");
    const headers = { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" };
    const body = JSON.stringify({ user_id: "3", number_of_items: "5", total_amount: "180" });
    const orders = `${urlOf("api-gateway-app:3000")}/api/billing`;
    const accepted = await fetch(orders, { method: "POST", headers, body });
    const { id } = z.object({ id: z.string() }).parse(await accepted.json());
    const order = () => getJson(`${orders}/orders/${id}`, headers);
    await expect.poll(order).toMatchObject({ status: "recorded" });
    await project.restart("billing-database");
    await expect.poll(order).toMatchObject({ status: "recorded" });
    // The answer may be some seconds old.
    const status = () => getJson(`${urlOf("api-gateway-app:3000")}/api/status`);
    await expect.poll(status).toMatchObject({ status: "up" });
  });

  it("a problem leads to a page of the image, and the status page beside it is checked", async () => {
    const site = urlOf("api-gateway-app:4000");
    expect(await getJson(`${site}/api/movies`)).toMatchObject({
      type: expect.stringMatching(/:\d+\/problems\/unauthenticated$/),
    });
    expect((await fetch(`${site}/problems/unauthenticated`)).status).toBe(200);
    await expect
      .poll(() => getJson(`${site}/status/status.json`))
      .toMatchObject({ summary: "Everything works." });
  });

  it("each exits by itself on its stop signal, and is not healthy then", async () => {
    const servers = ["billing-app", "inventory-app", "rabbitmq", "billing-database", "inventory-database"];
    for (const name of ["api-gateway-app", ...servers]) {
      const { running } = project.member(name);
      await running.stop();
      expect([name, await running.exited]).toEqual([name, { code: 0, signal: null }]);
    }
    for (const name of servers) {
      expect([name, await project.member(name).container.isHealthy()]).toEqual([name, false]);
    }
  });
});

it.skipIf(obstacle !== undefined)(
  "no builder sees a credential, the history, or a package of this machine",
  async () => {
    await using context = await temporaryDirectory();
    await using store = await temporaryStore();
    const files = [".env", ".git/config", ".local/platform.json", ".sst/state", "node_modules/a/index.js"];
    const inside = ["packages/core/.env", "packages/core/node_modules/a/index.js", "packages/core/src/a.ts"];
    for (const file of ["Dockerfile", ...files, ...inside]) {
      await mkdir(dirname(join(context.path, file)), { recursive: true });
      await writeFile(join(context.path, file), "FROM scratch\nCOPY . /\n");
    }
    await copyFile(join(ROOT, ".dockerignore"), join(context.path, ".dockerignore"));
    const seen = join(store.directory, "seen");
    await store.buildah("build", `--output=${seen}`, context.path);
    const entries = await readdir(seen, { recursive: true, withFileTypes: true });
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(["a.ts"]);
  },
);
