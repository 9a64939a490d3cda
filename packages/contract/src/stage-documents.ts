import { LAPTOP_NOTE, LAPTOP_SIGN_IN, SITE_PLACEHOLDER, STAGE_NOTE, TOKEN_PATH } from "./addresses.ts";
import type { OpenApiDocument } from "./document.ts";
import { postmanCollection } from "./postman.ts";
import { requestsHttp } from "./requests-http.ts";

/** The documents on a stage's site, by their path: the committed ones, with the stage's addresses. */
export function stageDocuments(committed: OpenApiDocument, signInUrl: string): Map<string, string> {
  const document: OpenApiDocument = JSON.parse(
    JSON.stringify(committed).replaceAll(LAPTOP_SIGN_IN, signInUrl).replaceAll(LAPTOP_NOTE, STAGE_NOTE),
  );
  const variables = {
    baseUrl: SITE_PLACEHOLDER,
    tokenUrl: `${signInUrl}${TOKEN_PATH}`,
    // These values are outputs of the deployment; a public page must hold no secret.
    clientId: "the MachineClientId",
    clientSecret: "its secret",
  };
  return new Map([
    ["openapi.json", json(document)],
    ["postman_collection.json", json(postmanCollection(document, variables))],
    ["requests.http", requestsHttp(document, variables)],
  ]);
}

export function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
