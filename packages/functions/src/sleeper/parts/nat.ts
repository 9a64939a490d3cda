import {
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { SDK_OPTIONS } from "../../shared/sdk-options.ts";
import type { Part } from "../converge.ts";

/** The states of an instance that was not terminated. */
const STATES = ["pending", "running", "stopping", "stopped"];

/** The instance through which the network reaches AWS. A stopped one keeps its disk, and its address if it has one of its own. */
export function natPart(tag: string): Part {
  const client = new EC2Client(SDK_OPTIONS);
  const Filters = [
    { Name: "tag:cloud-design:nat", Values: [tag] },
    { Name: "instance-state-name", Values: STATES },
  ];
  return {
    name: "nat",
    async step(wanted) {
      const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ Filters }));
      const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
      if (instances.length === 0) throw new Error(`No instance has the tag cloud-design:nat = ${tag}.`);
      const inState = (state: string) =>
        instances.flatMap(({ InstanceId = "", State }) => (State?.Name === state ? [InstanceId] : []));
      const [running, stopped] = [inState("running"), inState("stopped")];
      if (wanted === "asleep" && running.length > 0)
        await client.send(new StopInstancesCommand({ InstanceIds: running }));
      if (wanted === "awake" && stopped.length > 0)
        await client.send(new StartInstancesCommand({ InstanceIds: stopped }));
      const there = wanted === "asleep" ? stopped : running;
      return {
        state: [...new Set(instances.map(({ State }) => State?.Name))].join(", "),
        isDone: there.length === instances.length,
      };
    },
  };
}
