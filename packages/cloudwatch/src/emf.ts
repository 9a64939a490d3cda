import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { metricKey, type Reading, type Sample } from "./recording.ts";

const Directive = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())).default([[]]),
  Metrics: z.array(z.object({ Name: z.string() })),
});
const Line = z.looseObject({ _aws: z.object({ CloudWatchMetrics: z.array(Directive) }) });
const Value = z.union([
  z.number().transform((value): Sample[] => [value]),
  z.array(z.number()),
  z
    .object({ Values: z.array(z.number()), Counts: z.array(z.number()) })
    .transform(({ Values, Counts }) => Values.map((value, at): Sample => [value, Counts[at] ?? 1])),
]);

/**
 * The readings in a log line in CloudWatch's embedded metric format, each metric once for each set of dimensions ("Specification: Embedded
 * metric format"). Empty for any other line; a metric or a set is left out when the line names it and has no value for it.
 */
export function parseEmf(line: string): Reading[] {
  const { data: root } = Line.safeParse(parseJson(line));
  if (!root) return [];
  return root._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) => {
      const { data: samples } = Value.safeParse(root[Name]);
      if (!samples) return [];
      return Dimensions.filter((names) => names.every((name) => typeof root[name] === "string")).map(
        (names) => ({
          key: metricKey(
            Namespace,
            Name,
            Object.fromEntries(names.map((name) => [name, String(root[name])])),
          ),
          samples,
        }),
      );
    }),
  );
}
