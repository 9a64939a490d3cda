import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the committed documents, with the client that is generated from them. */
export const CLIENT_DIRECTORY = join(import.meta.dirname, "../../client");

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Schema = { [keyword: string]: Json };

/** The parts of an OpenAPI document that are read here, as JSON. */
export interface OpenApiDocument {
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: { responses: Record<string, ResponseObject>; schemas: Record<string, Schema> };
}
export const METHODS = ["get", "post", "put", "delete"] as const;
export type PathItem = { description?: string } & Partial<Record<(typeof METHODS)[number], OperationObject>>;

export interface OperationObject {
  operationId: string;
  summary: string;
  tags: string[];
  security: { oauth2?: string[] }[];
  parameters?: ParameterObject[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, ResponseObject | { $ref: string }>;
}
export interface ParameterObject {
  name: string;
  in: string;
  required?: boolean;
  example?: Json;
  schema: Schema;
}
export interface ResponseObject {
  description: string;
  headers?: Record<string, { required?: boolean; schema: Schema }>;
  content?: Record<string, MediaType>;
}
export interface MediaType {
  schema: Schema;
  examples?: Record<string, { value: Json }>;
}

/** Every operation with its path and method. */
export function operationsOf(document: Pick<OpenApiDocument, "paths">) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method: method.toUpperCase(), operation }] : [];
    }),
  );
}

/** The scopes that an operation requires; empty for a public one. */
export function scopesOf({ security }: OperationObject): string[] {
  return security.flatMap(({ oauth2 = [] }) => oauth2);
}

/** The target of a reference within the document; any other value unchanged. */
export function resolve<T extends object>(document: object, value: T | { $ref: string }): T {
  if (!("$ref" in value) || typeof value.$ref !== "string") return value as T;
  const parts = value.$ref.slice("#/".length).split("/");
  return parts.reduce((at: object, part) => Reflect.get(at, part), document) as T;
}

/** The committed document, which clients have. */
export function committedDocument(): OpenApiDocument {
  return JSON.parse(readFileSync(join(CLIENT_DIRECTORY, "openapi.json"), "utf8"));
}
