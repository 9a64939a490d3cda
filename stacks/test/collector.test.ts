import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";

const Task = z.object({
  ContainerDefinitions: z.array(
    z.object({
      Name: z.string(),
      Image: z.unknown(),
      Memory: z.number(),
      Cpu: z.number(),
      PortMappings: z.array(z.unknown()).default([]),
      Environment: z
        .array(z.object({ Name: z.string(), Value: z.string() }))
        .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]))),
    }),
  ),
  Memory: z.coerce.number(),
});
const Parts = z.record(z.string(), z.unknown());
const Configuration = z.object({
  receivers: z.object({
    otlp: z.object({ protocols: z.object({ http: z.object({ endpoint: z.string() }) }) }),
  }),
  processors: Parts,
  exporters: Parts,
  extensions: Parts,
  service: z.object({
    extensions: z.array(z.string()),
    pipelines: z.record(
      z.string(),
      z.record(z.enum(["receivers", "processors", "exporters"]), z.array(z.string())),
    ),
  }),
});

const tasks = resourcesOf(readApp("prod", inject("outputs").prod), "AWS::ECS::TaskDefinition", Task);

describe.each(tasks.map(({ name, properties }) => [name, properties] as const))(
  "the collector of %s",
  (_, task) => {
    const collector = task.ContainerDefinitions.find(({ Name }) => Name === "collector");
    const service = task.ContainerDefinitions.find(({ Name }) => Name !== "collector");
    const configuration = Configuration.parse(JSON.parse(collector?.Environment.AOT_CONFIG_CONTENT ?? "{}"));

    it("listens at the address to which the service sends, only within the task", () => {
      const { endpoint } = configuration.receivers.otlp.protocols.http;
      expect(service?.Environment.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(`http://${endpoint}`);
      expect(endpoint).toMatch(/^127\.0\.0\.1:/);
      expect(collector?.PortMappings).toEqual([]);
    });

    it("uses exactly the parts that it configures", () => {
      const { receivers, processors, exporters, extensions, service: used } = configuration;
      expect(used.pipelines).toEqual({
        traces: {
          receivers: Object.keys(receivers),
          processors: Object.keys(processors),
          exporters: Object.keys(exporters),
        },
      });
      expect(used.extensions).toEqual(Object.keys(extensions));
    });

    it("leaves the service seven eighths of the CPU under full load of both", () => {
      expect(service?.Cpu).toBe(7 * (collector?.Cpu ?? 0));
    });

    it("is pinned by its digest, and leaves the service its memory", () => {
      expect(collector?.Image).toMatch(
        /^public\.ecr\.aws\/aws-observability\/aws-otel-collector@sha256:[0-9a-f]{64}$/,
      );
      expect((collector?.Memory ?? 0) + (service?.Memory ?? 0)).toBeLessThanOrEqual(task.Memory);
      expect(service?.Memory).toBe(512);
    });
  },
);
