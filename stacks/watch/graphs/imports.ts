import type { GraphWidgetProps } from "aws-cdk-lib/aws-cloudwatch";
import { use } from "sst/constructs";
import { Imports } from "../../imports.ts";
import { graph, MAXIMUM, SUM } from "./widgets.ts";

/** Files and chunks on their way into the database. */
export function importGraphs(): GraphWidgetProps[] {
  const { files, chunks } = use(Imports);
  return [
    graph("Imports: messages a minute", [
      files.queue.metricNumberOfMessagesDeleted({ ...SUM, label: "files split" }),
      chunks.queue.metricNumberOfMessagesDeleted({ ...SUM, label: "chunks loaded" }),
    ]),
    graph(
      "Imports: waiting",
      [
        files.queue.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "files" }),
        chunks.queue.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "chunks" }),
        files.deadLetters.metricApproximateNumberOfMessagesVisible({
          ...MAXIMUM,
          label: "dead letters: files",
        }),
        chunks.deadLetters.metricApproximateNumberOfMessagesVisible({
          ...MAXIMUM,
          label: "dead letters: chunks",
        }),
      ],
      [chunks.queue.metricApproximateAgeOfOldestMessage({ ...MAXIMUM, label: "oldest chunk, s" })],
    ),
  ];
}
