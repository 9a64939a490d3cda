import { Size } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { DatabaseProxy } from "aws-cdk-lib/aws-rds";
import { type Stack, use } from "sst/constructs";
import type { DatabaseServer, Noun } from "../constructs/database-server.ts";
import { Databases } from "../databases.ts";
import { createAlarm } from "./alarm.ts";
import { burstBalance, FIVE_MINUTES, proxyConnectionsPercent, proxyMetric } from "./metrics.ts";
import { tellOfStorage } from "./storage-events.ts";

/** Each server once, named after its service; the shared server has inventory's name. */
export function distinctServers(): [Noun, DatabaseServer][] {
  const { inventory, billing } = use(Databases).servers;
  return inventory === billing
    ? [["inventory", inventory]]
    : [
        ["inventory", inventory],
        ["billing", billing],
      ];
}

/**
 * There is no alarm on the CPU credits of a t4g: it bursts without limit, so an empty balance slows nothing. It costs $0.075 for each hour of a
 * vCPU, which the budget sees.
 */
export function createDatabaseAlarms(stack: Stack): void {
  for (const [noun, { instance, proxy }] of distinctServers()) {
    createAlarm(stack, `${noun}-database-cpu`, {
      metric: instance.metricCPUUtilization({ period: FIVE_MINUTES }),
      threshold: 80,
      periods: 3,
      isMissingBad: true,
      because:
        "The server has been busy for a quarter of an hour, and beyond 80 % answers slow down steeply; or it has not reported for 26 minutes, because it is gone.",
    });
    createAlarm(stack, `${noun}-database-storage`, {
      metric: instance.metricFreeStorageSpace({ period: FIVE_MINUTES, statistic: Stats.MINIMUM }),
      threshold: Size.gibibytes(1).toBytes(),
      isBelow: true,
      periods: 3,
      because:
        "1 GiB is left. RDS adds storage when less than 10 % is free, at first 2 GiB, so it has failed to add some: the rest lasts some hours of the busiest traffic.",
    });
    tellOfStorage(stack, noun, instance);
    // A class that does not burst reports no balance, which is fine: then the volume is the limit.
    createAlarm(stack, `${noun}-database-io`, {
      metric: burstBalance(instance, "IO"),
      threshold: 50,
      isBelow: true,
      periods: 2,
      because:
        "Half of the day's reserve of I/O operations is used. Without it a t4g.small has 1,000 a second, a third of what its volume has. The rest lasts for 80 minutes at the volume's 3,000, which some 770 orders a second with random ids need.",
    });
    createAlarm(stack, `${noun}-database-bytes`, {
      metric: burstBalance(instance, "Byte"),
      threshold: 50,
      isBelow: true,
      periods: 2,
      because:
        "Half of the day's reserve of transferred bytes is used. Without it a t4g.small has 22 MB a second, a sixth of what its volume has. The rest lasts for half an hour at the volume's 125, as in a long read, a restore or a vacuum.",
    });
    if (proxy) watchProxy(stack, noun, proxy);
  }
}

function watchProxy(stack: Stack, noun: Noun, proxy: DatabaseProxy): void {
  createAlarm(stack, `${noun}-database-connections`, {
    metric: proxyConnectionsPercent(proxy),
    threshold: 90,
    periods: 5,
    because:
      "The proxy has opened 90 % of the connections it may. All tasks, doubled by a deployment, need at most 80 %; at 100 % callers wait for 5 s and fail.",
  });
  createAlarm(stack, `${noun}-database-pinning`, {
    metric: proxyMetric(proxy, "DatabaseConnectionsCurrentlySessionPinned"),
    threshold: 1,
    periods: 15,
    because:
      "For a quarter of an hour a session has pinned a connection. No statement of these services pins, so a new one does, and connections will run short.",
  });
}
