import { EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import type { DatabaseInstance } from "aws-cdk-lib/aws-rds";
import { type Stack, use } from "sst/constructs";
import { Alerts } from "../alerts.ts";

/**
 * The disk is full, could not be enlarged, is about to reach its maximum, and has reached four fifths of it (RDS user guide, "Amazon RDS event
 * categories and event messages").
 */
const EVENTS = ["RDS-EVENT-0007", "RDS-EVENT-0223", "RDS-EVENT-0224", "RDS-EVENT-0225"];

/**
 * RDS's own forecast of a full disk. A metric cannot make one: free storage grows with each enlargement, and no metric has the maximum. An
 * event subscription of RDS chooses by category, and those also hold the notice before each enlargement.
 */
export function tellOfStorage(stack: Stack, noun: string, instance: DatabaseInstance): void {
  const [server, said] = ["SourceIdentifier", "Message"].map((name) =>
    EventField.fromPath(`$.detail.${name}`),
  );
  const message = `RDS says of the database ${server}: ${said} What to do: docs/runbook.md#${noun}-database-storage`;
  new Rule(stack, `${noun}-storage-events`, {
    eventPattern: {
      source: ["aws.rds"],
      detailType: ["RDS DB Instance Event"],
      resources: [instance.instanceArn],
      detail: { EventID: EVENTS },
    },
    targets: [new SnsTopic(use(Alerts).topic, { message: RuleTargetInput.fromText(message) })],
  });
}
