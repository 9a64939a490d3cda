import { METRICS, type MetricDefinition } from "@cloud-design/core/telemetry";

/** The names under which Prometheus has a metric: a histogram has three. */
function prometheusNames(name: string, { kind }: Pick<MetricDefinition, "kind">): string[] {
  const plain = name.replaceAll(".", "_");
  if (kind === "counter") return [`${plain}_total`];
  return kind === "gauge" ? [plain] : ["bucket", "count", "sum"].map((part) => `${plain}_${part}`);
}

/** All names, by the name in the code. */
export const PROMETHEUS_NAMES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(METRICS).map(([name, definition]) => [name, prometheusNames(name, definition)]),
);

/** The metrics that a PromQL expression reads: no function, keyword, label or text. */
export function namesIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, "");
  const words = bare.match(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g) ?? [];
  const keywords = new Set(["and", "or", "unless", "bool", "offset", "sum", "max", "min", "count", "topk"]);
  return [...new Set(words.filter((word) => !keywords.has(word)))];
}
