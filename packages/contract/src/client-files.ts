// By its path: the client's tools need an older TypeScript, which only the client installs.
import { schemaTypes } from "@cloud-design/client/schema-types";
import { asyncApi } from "./asyncapi.ts";
import { brunoCollection } from "./bruno.ts";
import type { OpenApiDocument } from "./document.ts";
import { postmanCollection } from "./postman.ts";
import { requestsHttp } from "./requests-http.ts";
import { json } from "./stage-documents.ts";

/** Every committed file that is generated from the document, by its path in `packages/client`. */
export async function clientFiles(document: OpenApiDocument): Promise<Map<string, string>> {
  const bruno = [...brunoCollection(document)].map(([path, text]) => [`bruno/${path}`, text] as const);
  return new Map([
    ["openapi.json", json(document)],
    ["asyncapi.json", json(asyncApi(document.info.version))],
    ["postman_collection.json", json(postmanCollection(document))],
    ["requests.http", requestsHttp(document)],
    ["src/schema.ts", await schemaTypes(document)],
    ...bruno,
  ]);
}
