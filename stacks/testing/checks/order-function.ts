import { apiGatewayRoutes, ORDER_ROUTE } from "@cloud-design/functions/gateway/routes";
import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { referencesIn } from "../references.ts";
import { compareSets } from "./compare.ts";

const Route = z.object({ RouteKey: z.string(), Target: z.string() });
const Integration = z.object({ IntegrationUri: z.string() });
const LambdaFunction = z.object({ ReservedConcurrentExecutions: z.number().optional() });

/** New orders have a function of their own; it and the function behind all other routes have the concurrency of the table of stages. */
export function orderFunction(app: App): string[] {
  const { gatewayConcurrency, orderGatewayConcurrency } = settingsOf(app.preset);
  const integrations = new Map(
    resourcesOf(app, "AWS::ApiGatewayV2::Integration", Integration).map(({ name, properties }) => [
      name,
      properties.IntegrationUri,
    ]),
  );
  const calledBy = ({ RouteKey, Target }: z.output<typeof Route>) =>
    `${RouteKey} calls ${integrations.get(referencesIn(Target)[0] ?? "") ?? Target}`;
  const reserved = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction)
    .filter(({ properties }) => properties.ReservedConcurrentExecutions !== undefined)
    .map(({ name, properties }) => `${name}: ${properties.ReservedConcurrentExecutions}`);
  const wanted = { "Gateway/Gateway": gatewayConcurrency, "Gateway/OrderGateway": orderGatewayConcurrency };
  return [
    ...compareSets(
      "Route",
      resourcesOf(app, "AWS::ApiGatewayV2::Route", Route).map(({ properties }) => calledBy(properties)),
      apiGatewayRoutes().map(
        ({ key }) => `${key} calls <${key === ORDER_ROUTE ? "Gateway/OrderLive" : "Gateway/Live"}>`,
      ),
    ),
    ...compareSets(
      "Reservation",
      reserved,
      Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
    ),
  ];
}
