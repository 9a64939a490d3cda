import { CfnQueryDefinition } from "aws-cdk-lib/aws-logs";
import type { StackContext } from "sst/constructs";
import { queries, queryText } from "./watch/queries.ts";

/**
 * The questions that operators ask the logs again and again, saved in CloudWatch Logs Insights under `STAGE-cloud-design/NAME`; docs/runbook.md
 * says when to ask which. Saving is free; asking costs $0.005 for each GB that is read.
 */
export function Queries({ stack }: StackContext) {
  for (const [name, query] of Object.entries(queries())) {
    new CfnQueryDefinition(stack, name, {
      name: `${stack.stage}-cloud-design/${name}`,
      queryString: queryText(query),
      logGroupNames: query.logGroups.map(({ logGroupName }) => logGroupName),
    });
  }
}
