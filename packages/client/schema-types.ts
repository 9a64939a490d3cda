import openapiTS, { astToString } from "openapi-typescript";

/** The types of an OpenAPI document, as source text. */
export async function schemaTypes(document: object): Promise<string> {
  const types = await openapiTS(JSON.stringify(document), { alphabetize: false });
  return `// Written by \`npm run contract\`.\n\n${astToString(types)}`;
}
