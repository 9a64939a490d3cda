import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runPnpm } from "../pnpm.ts";
import { audit } from "./audit-deps.ts";

const ADVISORIES = "/-/npm/v1/security/advisories/bulk";

/** The registry's answer to the request for advisories; it refuses every other request. */
let advisories: object | undefined;
let asked: string[];
let registry: Server;
let printed: string;

const OLD_ENOUGH = { code: 0, said: "" };
/** The real pnpm asks for advisories. Its check of the ages, one request per package, is replaced by this result. */
const auditWith = (ages: { code: number; said: string }) =>
  audit([], (args) => (args[0] === "install" ? Promise.resolve(ages) : runPnpm(args)));

beforeEach(async () => {
  asked = [];
  registry = createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.url !== ADVISORIES || advisories === undefined) {
      response.writeHead(405).end();
      return;
    }
    const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    asked = Object.keys(JSON.parse(text.toString()));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(advisories));
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("pnpm_config_registry", `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`);
  printed = "";
  for (const stream of ["log", "error"] as const) {
    vi.spyOn(console, stream).mockImplementation((text) => {
      printed += `${text}\n`;
    });
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await new Promise((resolve) => registry.close(resolve));
});

const advisory = (severity: string) => ({
  hono: [
    {
      id: 1,
      url: "https://example.com/advisory",
      title: "Anything goes",
      severity,
      vulnerable_versions: ">=0.0.0",
      cwe: [],
      cvss: { score: 0, vectorString: null },
    },
  ],
});

describe("npm run audit:deps", () => {
  it("asks about the packages that run in production, and ends with 0 for a moderate vulnerability", async () => {
    advisories = advisory("moderate");
    expect(await auditWith(OLD_ENOUGH)).toBe(0);
    expect(printed).toBe(
      "No vulnerability of severity high or critical is known in a package that runs in production.\n" +
        "Each version in the lockfile is as old as pnpm-workspace.yaml asks.\n",
    );
    expect(asked).toContain("hono");
    expect(asked).not.toContain("vitest");
  });

  it("ends with 1 and names the package when a high or critical vulnerability is known", async () => {
    advisories = advisory("high");
    expect(await auditWith(OLD_ENOUGH)).toBe(1);
    expect(printed).toMatch(/hono.*A vulnerability of severity high or critical is known/s);
  });

  it("ends with 2 and says that nothing is known when the registry has no answer", async () => {
    advisories = undefined;
    expect(await auditWith(OLD_ENOUGH)).toBe(2);
    expect(printed).toContain("The registry gave no answer, so nothing is known, neither good nor bad.");
    expect(printed).toContain("405");
  });

  it.each([
    ["ERR_PNPM_MINIMUM_RELEASE_AGE_VIOLATION", 1, "has a version that is younger"],
    ["ERR_PNPM_META_FETCH_FAIL", 2, "The registry gave no answer"],
  ])("reports %s of the check of ages with its own exit code", async (said, code, sentence) => {
    const silent = async (args: readonly string[]) =>
      args[0] === "install" ? { code: 1, said } : { code: 0, said: "" };
    expect(await audit([], silent)).toBe(code);
    expect(printed).toContain(sentence);
  });
});
