import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { logOutput } from "@cloud-design/core/log-output";
import {
  activeIds,
  count,
  forOrder,
  inSpan,
  observe,
  parentFrom,
  traceparentOf,
  watch,
} from "@cloud-design/core/telemetry";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { afterEach, describe, expect, test, vi } from "vitest";
import { TelemetryEnvironment } from "./env.ts";
import { startTelemetry, type Telemetry } from "./start.ts";

const CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const stack: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
  for (const api of [context, metrics, propagation, trace]) api.disable();
  vi.restoreAllMocks();
});

async function start(environment: Record<string, string>, isEdge = false): Promise<Telemetry> {
  const telemetry = await startTelemetry({
    service: "test",
    environment: TelemetryEnvironment.parse(environment),
    isEdge,
  });
  stack.push(() => telemetry.shutdown());
  return telemetry;
}

/** Starts a collector; returns its URL. */
async function collector(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  stack.push(async () => server.close().closeAllConnections());
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** The lines that are written to the log from now on. */
function written(): unknown[] {
  const lines: unknown[] = [];
  vi.spyOn(logOutput, "write").mockImplementation((line) => lines.push(JSON.parse(line)));
  return lines;
}

describe("a trace", () => {
  test("continues its caller's trace and is in the log, also without a collector", async () => {
    await start({ OTEL_TRACES_SAMPLER_ARG: "0" });
    let ids = {};
    const carried = await inSpan("work", { parent: parentFrom(CALLER) }, async (span) => {
      ids = forOrder("ord_1", activeIds);
      return traceparentOf(span);
    });
    expect(carried).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
    expect(ids).toEqual({
      order_id: "ord_1",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      span_id: carried?.slice(36, 52),
    });
  });

  test.each([
    "",
    "00-xyz",
    "x".repeat(10_240),
    `00-${"0".repeat(32)}-${"0".repeat(16)}-01`,
    `${CALLER}-more`,
  ])("begins anew when the caller's traceparent is malformed (%#)", async (traceparent) => {
    await start({});
    const carried = await inSpan("work", { parent: parentFrom(traceparent) }, async (span) =>
      traceparentOf(span),
    );
    expect(carried).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
    expect(carried).not.toContain("0af7651916cd43dd8448eb211c80319c");
  });

  test("is sampled at the edge whatever the caller asks for, and behind the edge as the edge decided", async () => {
    await start({ OTEL_TRACES_SAMPLER_ARG: "0" }, true);
    const carried = await inSpan("work", { parent: parentFrom(CALLER) }, async (span) => traceparentOf(span));
    expect(carried).toMatch(/-00$/);
  });

  test("reaches a collector over OTLP, with the failure and without a query's values", async () => {
    const received = Promise.withResolvers<unknown>();
    const url = await collector((request, response) => {
      received.resolve(json(request));
      response.end("{}");
    });
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const failure = Object.assign(new Error("Failed query: insert\nparams: secret"), {
      query: "insert",
      params: ["secret"],
    });
    await inSpan("database", { parent: parentFrom(CALLER) }, () => Promise.reject(failure)).catch(() => {});
    const text = JSON.stringify(await received.promise);
    expect(text).toContain('"name":"database"');
    expect(text).toContain('"traceId":"0af7651916cd43dd8448eb211c80319c"');
    expect(text).toContain("Failed query: insert");
    expect(text).not.toContain("secret");
  });

  test("reaches Lambda's daemon at once, in the format of AWS's own layer", async () => {
    const daemon = createSocket("udp4").bind(0, "127.0.0.1");
    stack.push(async () => daemon.close());
    await once(daemon, "listening");
    await start({ AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}` });
    const datagram = once(daemon, "message");
    await inSpan("work", { parent: parentFrom(CALLER) }, async () => {});
    const [header, body = ""] = String((await datagram)[0]).split("\n");
    expect(JSON.parse(header ?? "")).toEqual({ format: "json", version: 1 });
    expect(body).toMatch(/^T1S/);
    const protobuf = Buffer.from(body.slice(3), "base64");
    expect(protobuf.toString("latin1")).toContain("service.name");
    expect(protobuf.toString("hex")).toContain("0af7651916cd43dd8448eb211c80319c");
  });
});

describe("a collector that is", () => {
  test.each([
    ["away", async () => "http://127.0.0.1:1"],
    ["deaf", () => collector(() => {})],
    ["broken", () => collector((_, response) => response.writeHead(500).end("<html>"))],
    ["talking nonsense", () => collector((_, response) => response.end("\0".repeat(100_000)))],
  ])("%s does not disturb the work or delay the shutdown", async (_, open) => {
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: await open() });
    const startedAt = performance.now();
    // Far more spans than the queue holds.
    for (let span = 0; span < 30_000; span++) await inSpan("work", {}, async () => {});
    await telemetry.shutdown();
    // The exporter's own time-out, which a shutdown that waited for it would take.
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });
});

describe("CloudWatch", () => {
  test("gets one line with the new measurements of the metrics marked for it", async () => {
    const telemetry = await start({ METRICS_NAMESPACE: "cloud-design/test" });
    const lines = written();
    count("orders.recorded", 3);
    count("orders.recorded");
    for (const seconds of [0.02, 0.3, 5, 5.1]) observe("orders.time_to_recorded", seconds);
    observe("http.server.request.duration", 0.1, { "http.route": "/api/movies" });
    await telemetry.flush();
    await telemetry.flush();
    expect(lines).toEqual([
      {
        time: expect.any(String),
        level: "info",
        service: "test",
        message: "metrics",
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: "cloud-design/test",
              Dimensions: [["service"]],
              Metrics: [
                { Name: "orders.recorded", Unit: "Count" },
                { Name: "orders.time_to_recorded", Unit: "Seconds" },
              ],
            },
          ],
        },
        "orders.recorded": 4,
        // A measurement of exactly 5 s counts as within 5 s.
        "orders.time_to_recorded": { Values: [0.025, 0.5, 5, 10], Counts: [1, 1, 1, 1] },
      },
    ]);
  });
});

test.skipIf(process.platform !== "linux")(
  "metrics that cannot be written to the log do not end the process",
  () => {
    const script = `
    import { count } from "@cloud-design/core/telemetry";
    import { TelemetryEnvironment } from ${JSON.stringify(import.meta.resolve("./env.ts"))};
    import { startTelemetry } from ${JSON.stringify(import.meta.resolve("./start.ts"))};
    const environment = TelemetryEnvironment.parse({ METRICS_NAMESPACE: "cloud-design/test" });
    const telemetry = await startTelemetry({ service: "test", environment });
    count("orders.recorded");
    await telemetry.flush();`;
    const full = openSync("/dev/full", "w");
    const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  },
);

describe("Prometheus", () => {
  test("reads all metrics, with one series per route whatever labels callers invent", async () => {
    await start({ METRICS_PORT: "24999" });
    watch("orders.held", () => 7);
    for (let caller = 0; caller < 5_000; caller++) {
      observe("http.server.request.duration", 0.1, { "http.route": `/${caller}`, "user.id": `${caller}` });
    }
    const answer = await fetch("http://127.0.0.1:24999/metrics");
    const foreign = { headers: { origin: "https://attacker.example" } };
    expect((await fetch("http://127.0.0.1:24999/metrics", foreign)).status).toBe(403);
    const text = await answer.text();
    expect(text).toContain("orders_held 7");
    expect(text).toMatch(/^process_memory_usage\S* \d+$/m);
    const series = text.match(/^http_server_request_duration_\w*count\{/gm) ?? [];
    expect(series.length).toBeGreaterThan(100);
    expect(series.length).toBeLessThanOrEqual(201);
    expect(text).not.toContain("user_id");
  });

  test("on a taken port makes the start reject with a sentence", async () => {
    const url = await collector(() => {});
    await expect(start({ METRICS_PORT: new URL(url).port })).rejects.toThrow(/EADDRINUSE/);
  });
});
