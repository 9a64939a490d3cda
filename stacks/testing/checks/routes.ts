import { RESOURCE_SERVER } from "@cloud-design/core/identity";
import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { referenceTo } from "../references.ts";
import { compareSets } from "./compare.ts";

/** The routes without a token, beside `ANY`: probes and the status. */
const PUBLIC_ROUTES = [
  "GET /api/status",
  "HEAD /api/status",
  "GET /health/live",
  "HEAD /health/live",
  "GET /health/ready",
  "HEAD /health/ready",
];
/** `ANY` only answers 405 for the methods that a path does not have. */
const isPublic = (key: string) => key.startsWith("ANY ") || PUBLIC_ROUTES.includes(key);

const Route = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.string(),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});
const Authorizer = z.object({
  AuthorizerType: z.string(),
  IdentitySource: z.array(z.string()),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()) }),
});
const Stage = z.object({
  RouteSettings: z.record(
    z.string(),
    z.object({ ThrottlingRateLimit: z.number().positive(), ThrottlingBurstLimit: z.number().positive() }),
  ),
});
const Api = z.object({ CorsConfiguration: z.looseObject({ AllowOrigins: z.array(z.string()) }).optional() });

/** Every route except the named ones requires an access token with its scope. */
export function authorization(app: App): string[] {
  const [authorizer, ...others] = resourcesOf(app, "AWS::ApiGatewayV2::Authorizer", Authorizer);
  const { Issuer = "", Audience = [] } = authorizer?.properties.JwtConfiguration ?? {};
  const clients = resourcesOf(app, "AWS::Cognito::UserPoolClient", z.unknown()).map(({ name }) =>
    referenceTo(name),
  );
  const routes = resourcesOf(app, "AWS::ApiGatewayV2::Route", Route);
  return [
    ...others.map(({ name }) => `${name} is a second authorizer`),
    ...compareSets("Issuer", [Issuer], ["<Identity/UserPool.ProviderURL>"]),
    ...compareSets("Audience", Audience, clients),
    ...routes
      .filter(({ properties }) => !isPublic(properties.RouteKey))
      .filter(
        ({ properties }) =>
          properties.AuthorizationType !== "JWT" || properties.AuthorizerId !== referenceTo(authorizer?.name),
      )
      .map(({ properties }) => `${properties.RouteKey} opens without a token`),
    ...compareSets(
      "Scope",
      routes.map(({ properties }) => `${properties.RouteKey} asks for ${properties.AuthorizationScopes}`),
      apiGatewayRoutes().map(
        ({ key, access }) => `${key} asks for ${isPublic(key) ? "" : `${RESOURCE_SERVER}/${access}`}`,
      ),
    ),
  ];
}

/** API Gateway has the routes of the gateway's table and throttles each of them; no route catches all. */
export function routes(app: App): string[] {
  const found = resourcesOf(app, "AWS::ApiGatewayV2::Route", Route);
  const keys = found.map(({ properties }) => properties.RouteKey);
  return [
    ...compareSets(
      "Route",
      keys,
      apiGatewayRoutes().map(({ key }) => key),
    ),
    ...keys.filter((key) => key === "$default" || key.includes("+")).map((key) => `${key} catches all`),
    ...resourcesOf(app, "AWS::ApiGatewayV2::Stage", Stage).flatMap(({ properties, dependsOn }) => [
      ...compareSets("Throttle", Object.keys(properties.RouteSettings), keys),
      // The stage's throttles name the routes, so the routes must exist first.
      ...found
        .filter(({ name }) => !dependsOn.includes(name))
        .map(({ name }) => `The stage does not wait for ${name}`),
    ]),
  ];
}

/** A browser may call only from the table's origins; in prod only from the site's own. */
export function cors(app: App): string[] {
  const { corsOrigins } = settingsOf(app.preset);
  return resourcesOf(app, "AWS::ApiGatewayV2::Api", Api).flatMap(({ properties: { CorsConfiguration } }) => [
    ...compareSets("Origin", CorsConfiguration?.AllowOrigins ?? [], corsOrigins),
    ...(JSON.stringify(CorsConfiguration ?? {}).includes("*")
      ? ["A * stands among what a browser may send or read"]
      : []),
  ]);
}
