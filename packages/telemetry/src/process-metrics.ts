import { performance } from "node:perf_hooks";
import { METRICS } from "@cloud-design/core/telemetry";
import type { MeterProvider } from "@opentelemetry/api";

type Read = () => number;

/** How much of the machine this process takes, asked whenever somebody reads. */
export function watchProcess(meters: MeterProvider): void {
  const reads: Record<
    "process.memory.usage" | "process.cpu.utilization" | "nodejs.eventloop.utilization",
    Read
  > = {
    "process.memory.usage": () => process.memoryUsage.rss(),
    "process.cpu.utilization": shareOfCore(),
    "nodejs.eventloop.utilization": shareOfEventLoop(),
  };
  const meter = meters.getMeter("cloud-design");
  for (const name of Object.keys(reads) as (keyof typeof reads)[]) {
    const { unit, description } = METRICS[name];
    meter
      .createObservableGauge(name, { unit, description })
      .addCallback((result) => result.observe(reads[name]()));
  }
}

function shareOfCore(): Read {
  let before = { at: performance.now(), usage: process.cpuUsage() };
  return () => {
    const { user, system } = process.cpuUsage(before.usage);
    const milliseconds = performance.now() - before.at;
    before = { at: performance.now(), usage: process.cpuUsage() };
    return (user + system) / 1_000 / milliseconds;
  };
}

function shareOfEventLoop(): Read {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
