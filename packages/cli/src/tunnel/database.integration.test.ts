import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startTlsFront, type TlsFront } from "@cloud-design/core/testing/tls-front";
import { ROOT } from "@cloud-design/local/platform/settings";
import { isListening } from "@cloud-design/local/servers/testing";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { installSessionManager, type SessionManager } from "../testing/session-manager.ts";
import { LABELS, startTunnelledStage, type TunnelledStage } from "../testing/tunnelled-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

const CLI = join(ROOT, "packages/cli/src/cli.ts");
const PROXY = new URL(LABELS.movies).hostname;

let stage: TunnelledStage;
let manager: SessionManager;
let proxy: TlsFront;
let certificate: string;

/** A proxy with a certificate for `host`, in front of the real database. */
async function startProxy(host: string): Promise<void> {
  proxy = await startTlsFront(inject("moviesUrl"), { host });
  await writeFile(join(certificate, "ca.pem"), proxy.cert);
  await manager.place({ [PROXY]: `127.0.0.1:${proxy.port}` });
}

beforeEach(async () => {
  [stage, manager] = [await startTunnelledStage(), await installSessionManager()];
  certificate = await mkdtemp(join(tmpdir(), "certificate-"));
  const { username, password } = new URL(inject("moviesUrl"));
  stage.answers.GetSecretValue = ({ json }) =>
    json.SecretId === LABELS.moviesSecret
      ? { body: { SecretString: JSON.stringify({ username, password }) } }
      : undefined;
});
afterEach(async () => {
  proxy.close();
  await stage[Symbol.asyncDispose]();
  await manager[Symbol.asyncDispose]();
  await rm(certificate, { recursive: true });
});

const environment = () => ({
  PATH: `${manager.directory}:${process.env.PATH}`,
  SESSIONS: manager.directory,
  NODE_EXTRA_CA_CERTS: join(certificate, "ca.pem"),
});
const sql = (statement: string) =>
  typeCommand(["ops", "sql", "movies", statement, "--stage", "mine", "--json"], stage.url, environment());
const stops = () => stage.asked.filter(({ operation }) => operation === "StopTask").length;

test("npm run ops -- sql --stage asks the stage's database with the rights of its service, over TLS in the proxy's own name", async () => {
  await startProxy(PROXY);
  const said = await sql("SELECT current_user AS name, 1 + 1 AS two");
  expect(said).toMatchObject({ code: 0, stdout: '[{"name":"inventory","two":2}]\n' });
  expect(proxy.names).toEqual([PROXY]);
  expect(await manager.sessions()).toEqual([]);
  expect(stops()).toBe(1);

  expect((await sql("DROP TABLE movies")).stderr).toMatch(/movies says: must be owner of table movies$/m);
});

test("it sends nothing to a host with another host's certificate, and stops its task all the same", async () => {
  await startProxy("elsewhere.example");
  const { code, stdout, stderr } = await sql("SELECT 1");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/movies says: Hostname\/IP does not match certificate's altnames/);
  expect(proxy.names).toEqual([PROXY]);
  expect(stops()).toBe(1);
});

test("killed with -9, it leaves no session and no port behind; its task ends by itself", async () => {
  await startProxy(PROXY);
  const args = ["--disable-warning=ExperimentalWarning", CLI, "ops", "sql", "movies", "SELECT pg_sleep(60)"];
  const child = spawn(process.execPath, [...args, "--stage", "mine"], {
    env: {
      ...process.env,
      ...environment(),
      AWS_ENDPOINT_URL: stage.url,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  void text(child.stderr);
  await expect.poll(() => proxy.names).toEqual([PROXY]);
  const [session] = await manager.sessions();
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => manager.sessions()).toEqual([]);
  await expect.poll(() => isListening("127.0.0.1", session?.localPort ?? 0)).toBe(false);
  expect(stops()).toBe(0);
});
