import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { Imports } from "../imports.ts";
import { createAlarm } from "./alarm.ts";
import { MAXIMUM, SUM } from "./graphs/widgets.ts";
import { FIVE_MINUTES, MINUTE } from "./metrics.ts";

/** The way of an imported file: what its functions fail at, and what SQS gave up. No customer waits for it, so no alarm is about its speed. */
export function createImportAlarms(stack: Stack): void {
  const { files, chunks, splitter, loader } = use(Imports);
  createAlarm(stack, "import-dead-letters", {
    metric: new MathExpression({
      expression: "FILL(files, 0) + FILL(chunks, 0)",
      usingMetrics: {
        files: files.deadLetters.metricApproximateNumberOfMessagesVisible(MAXIMUM),
        chunks: chunks.deadLetters.metricApproximateNumberOfMessagesVisible(MAXIMUM),
      },
      period: MINUTE,
      label: "Dead letters of imports",
    }),
    threshold: 1,
    periods: 1,
    because:
      "A file or a chunk of one was tried as often as its queue allows. Its import is not done, and says so to its owner after an hour.",
  });
  createAlarm(stack, "import-errors", {
    metric: new MathExpression({
      expression: "FILL(splitter, 0) + FILL(loader, 0)",
      usingMetrics: { splitter: splitter.metricErrors(SUM), loader: loader.metricErrors(SUM) },
      period: FIVE_MINUTES,
      label: "Crashes of import-splitter and import-loader",
    }),
    threshold: 3,
    periods: 1,
    because:
      "The functions import-splitter and import-loader have crashed or run out of time three times in five minutes. They handle every failure that they know, so this one is new.",
  });
}
