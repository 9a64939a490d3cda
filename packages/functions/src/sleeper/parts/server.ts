import {
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { SDK_OPTIONS } from "../../shared/sdk-options.ts";
import type { Part } from "../converge.ts";

/** A server answers in each of these states (Amazon RDS user guide, "Viewing DB instance status"). */
const ANSWERS = ["available", "backing-up", "storage-optimization", "configuring-enhanced-monitoring"];

/** A database server. AWS starts a stopped one after seven days; the next pass then stops it again. */
export function serverPart(id: string): Part {
  const client = new RDSClient(SDK_OPTIONS);
  const named = { DBInstanceIdentifier: id };
  return {
    name: id,
    async step(wanted) {
      const { DBInstances: [server] = [] } = await client.send(new DescribeDBInstancesCommand(named));
      const state = server?.DBInstanceStatus ?? "missing";
      // RDS takes the order in these two states alone. In any other one it is on its way, and the next pass looks again.
      if (wanted === "asleep" && state === "available") await client.send(new StopDBInstanceCommand(named));
      if (wanted === "awake" && state === "stopped") await client.send(new StartDBInstanceCommand(named));
      return { state, isDone: wanted === "asleep" ? state === "stopped" : ANSWERS.includes(state) };
    },
  };
}
