import { performance } from "node:perf_hooks";
import { watch } from "@cloud-design/core/telemetry";

type Read = () => number;

/** The resources that this process uses, read at each collection. */
export function watchProcess(): void {
  watch("process.memory.usage", () => process.memoryUsage.rss());
  watch("process.cpu.utilization", shareOfCore());
  watch("nodejs.eventloop.utilization", shareOfEventLoop());
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
