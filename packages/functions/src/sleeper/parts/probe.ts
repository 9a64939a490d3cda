import * as z from "zod";
import { jsonService } from "../aws-json.ts";
import type { Part } from "../converge.ts";

const Rule = z.object({ State: z.string() });

/** The schedule of the status probe, which needs the network: without it each run would wait for its time-out, and be paid. */
export function probePart(Name: string): Part {
  const events = jsonService("events");
  return {
    name: "status probe",
    async step(wanted) {
      const { State } = await events("DescribeRule", { Name }, Rule);
      const isDone = State === (wanted === "asleep" ? "DISABLED" : "ENABLED");
      if (!isDone) await events(wanted === "asleep" ? "DisableRule" : "EnableRule", { Name }, z.unknown());
      return { state: State.toLowerCase(), isDone };
    },
  };
}
