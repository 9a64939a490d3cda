import { parseEmf } from "@cloud-design/cloudwatch/emf";
import { logFileOf, openTail } from "@cloud-design/local/supervisor/log-file";
import type { LogMetric } from "@cloud-design/stacks/testing/alarms/log-metrics";
import { keyOf, type Recorder } from "../recorder.ts";
import { sampling } from "./source.ts";

/** The dimensions of the stand-ins' metrics, and the names that the template gives to the real resources. */
const NAMES: Readonly<Record<string, string>> = {
  "ApiId=local": "ApiId=<Api/HttpApi>",
  "FunctionName=gateway": "FunctionName=<Gateway/Gateway>",
  "FunctionName=order-gateway": "FunctionName=<Gateway/OrderGateway>",
  "FunctionName=order-bridge": "FunctionName=<Orders/OrderBridge>",
  "FunctionName=import-splitter": "FunctionName=<Imports/ImportSplitter>",
  "FunctionName=import-loader": "FunctionName=<Imports/ImportLoader>",
  "FunctionName=status-probe": "FunctionName=<Status/StatusProbe>",
  "FunctionName=token-scopes": "FunctionName=<Identity/TokenScopes>",
};
/** The log groups into which each part's lines would go. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  gateway: ["<Gateway/GatewayLogs>", "<Gateway/OrderGatewayLogs>", "<Gateway/AccessLogs>"],
  "order-bridge": ["<Orders/OrderBridgeLogs>"],
  "import-splitter": ["<Imports/ImportSplitterLogs>"],
  "import-loader": ["<Imports/ImportLoaderLogs>"],
  "status-probe": ["<Status/StatusProbeLogs>"],
  identity: ["<Identity/TokenScopesLogs>"],
  inventory: ["<Inventory/Logs>"],
  billing: ["<Billing/Logs>"],
};
/** API Gateway's lines begin with a time in the format of web servers, those of this project's processes with a level. */
const IS_ACCESS_LINE = /^\{"time":"\d+\/\w+\/\d+:/;
/** Short enough that a line is counted in the minute in which it was written. */
const READ_MS = 50;

/** The metrics that CloudWatch extracts from the logs: embedded ones, and those of the template's filters. */
export function watchLogs(
  directory: string,
  logMetrics: readonly LogMetric[],
  recorder: Recorder,
): AsyncDisposable {
  const watching = new AsyncDisposableStack();
  for (const [part, groups] of Object.entries(GROUPS)) {
    const readNew = openTail(logFileOf(directory, part));
    readNew(); // earlier lines are skipped
    const filters = logMetrics.filter(({ logGroup }) => groups.includes(logGroup));
    watching.use(
      sampling(() => {
        for (const line of readNew()) {
          if (line === "") continue;
          takeEmbedded(line, recorder);
          takeFiltered(line, filters, recorder);
          takeAnswer(line, part, recorder);
        }
      }, READ_MS),
    );
  }
  return watching;
}

function takeEmbedded(line: string, recorder: Recorder): void {
  if (!line.includes('"_aws"')) return;
  for (const { key, samples } of parseEmf(line)) {
    const [namespace, metric, dimensions = ""] = key.split(" ");
    const known = [namespace, metric, NAMES[dimensions] ?? dimensions].join(" ").trim();
    for (const sample of samples) recorder.take(known, sample);
  }
}

function takeFiltered(line: string, filters: readonly LogMetric[], recorder: Recorder): void {
  const isAccess = IS_ACCESS_LINE.test(line);
  for (const { logGroup, read, otherwise } of filters) {
    if (isAccess !== logGroup.endsWith("AccessLogs>")) continue;
    const found = read(line);
    for (const { key, samples } of found) for (const sample of samples) recorder.take(key, sample);
    if (found.length > 0) continue;
    for (const { key, samples } of otherwise)
      if (!recorder.has(key, recorder.minute)) for (const sample of samples) recorder.take(key, sample);
  }
}

/** AWS/ApplicationELB: a service logs each 5xx answer once (packages/http/src/problem.ts). */
function takeAnswer(line: string, part: string, recorder: Recorder): void {
  if (part !== "inventory" && part !== "billing") return;
  if (!/"path":/.test(line) || !/"level":"(warn|error)"/.test(line)) return;
  const group = part === "inventory" ? "<Inventory/" : "<Billing/";
  recorder.take(keyOf(recorder.wanted, "AWS/ApplicationELB HTTPCode_Target_5XX_Count", group), 1);
}
