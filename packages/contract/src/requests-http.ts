import type { OpenApiDocument } from "./document.ts";
import { queryOf, type Step, stepsOf, VARIABLES } from "./steps.ts";

/** Requests for an editor (the REST Client of VS Code, and others that read its files), the token first. */
export function requestsHttp(document: OpenApiDocument, variables = VARIABLES): string {
  const { title, version } = document.info;
  const steps = stepsOf(document);
  return [
    `# ${title}, version ${version}. Send "token" first, then from top to bottom.`,
    ...Object.entries(variables).map(([name, value]) => `@${name} = ${value}`),
    "@token = {{token.response.body.$.access_token}}",
    ...steps.flatMap(({ operationId, saves }) =>
      saves === undefined ? [] : [`@${saves} = {{${operationId}.response.body.$.id}}`],
    ),
    "",
    "### Get a token",
    "# @name token",
    "POST {{tokenUrl}}",
    "Authorization: Basic {{clientId}}:{{clientSecret}}",
    "Content-Type: application/x-www-form-urlencoded",
    "",
    "grant_type=client_credentials",
    "",
    ...steps.flatMap(request),
  ].join("\n");
}

function request(step: Step): string[] {
  const { operationId, name, method, path, headers, body, isPublic, waits, note } = step;
  return [
    `### ${name}`,
    ...(note === undefined ? [] : [`# ${note}`]),
    ...(waits ? [`# ${waits.while} at first; send it again until it is ${waits.until}.`] : []),
    `# @name ${operationId}`,
    `${method} {{baseUrl}}${path}${queryOf(step)}`,
    ...(isPublic ? [] : ["Authorization: Bearer {{token}}"]),
    ...headers.filter(({ isOn }) => isOn).map(({ name: header, value }) => `${header}: ${value}`),
    ...(body === undefined
      ? []
      : ["Content-Type: application/json", "", ...JSON.stringify(body, null, 2).split("\n")]),
    "",
  ];
}
