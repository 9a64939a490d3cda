import type { AsyncApiDocument } from "./asyncapi.ts";
import {
  type OpenApiDocument,
  type OperationObject,
  operationsOf,
  type ResponseObject,
  resolve,
  type Schema,
  scopesOf,
} from "./document.ts";
import { type Loss, losses } from "./narrowing.ts";

interface Change {
  before: OpenApiDocument;
  after: OpenApiDocument;
}

/**
 * The changes that can break a client written for the first document, one line each. Every request must be accepted as before; an answer may
 * contain more, but no value that could not come before.
 */
export function breakingChanges(before: OpenApiDocument, after: OpenApiDocument): string[] {
  const now = new Map(
    operationsOf(after).map(({ path, method, operation }) => [`${method} ${path}`, operation]),
  );
  const changes = operationsOf(before).flatMap(({ path, method, operation }) => {
    const name = `${method} ${path}`;
    const changed = now.get(name);
    const found = changed ? operationChanges({ before, after }, operation, changed) : ["gone"];
    return found.map((what) => ({ name, what }));
  });
  // A change in a component that many operations share is reported once.
  return [...Map.groupBy(changes, ({ what }) => what)].map(
    ([what, among]) => `${[...new Set(among.map(({ name }) => name))].join(", ")}: ${what}.`,
  );
}

function operationChanges(change: Change, before: OperationObject, after: OperationObject): string[] {
  return [
    ...addedScopes(before, after),
    ...parameterChanges(change, before, after),
    ...bodyChanges(change, before, after),
    ...responseChanges(change, before, after),
  ];
}

/** The changes that can break a client that publishes orders: a message must be accepted as before, by a queue of the same name. */
export function brokenMessages(before: AsyncApiDocument, after: AsyncApiDocument): string[] {
  return [
    ...inBoth(
      before.channels,
      after.channels,
      (name) => `The queue ${name} is gone.`,
      () => [],
    ),
    ...inBoth(
      before.components.messages,
      after.components.messages,
      (name) => `The message ${name} is gone.`,
      (name, { payload: was }, { payload: is }) =>
        losses({ document: before, schema: was }, { document: after, schema: is }, true).map(
          (loss) => `The message ${name} no longer takes${pointer(loss)} ${loss.what}.`,
        ),
    ),
  ];
}

function addedScopes(before: OperationObject, after: OperationObject): string[] {
  const known = scopesOf(before);
  return scopesOf(after)
    .filter((scope) => !known.includes(scope))
    .map((scope) => `asks for the scope ${scope}`);
}

function parameterChanges(change: Change, before: OperationObject, after: OperationObject): string[] {
  const keyOf = (parameter: { in: string; name: string }) =>
    `the ${parameter.in} parameter ${parameter.name}`;
  const [known, now] = [before, after].map(
    ({ parameters = [] }) => new Map(parameters.map((parameter) => [keyOf(parameter), parameter])),
  );
  return [
    ...[...(known?.keys() ?? [])].filter((key) => !now?.has(key)).map((key) => `no longer knows ${key}`),
    ...[...(now ?? [])].flatMap(([key, parameter]) => {
      const earlier = known?.get(key);
      return [
        ...(parameter.required && !earlier?.required ? [`needs ${key}`] : []),
        ...(earlier ? refused(change, key, earlier.schema, parameter.schema) : []),
      ];
    }),
  ];
}

function bodyChanges(change: Change, before: OperationObject, after: OperationObject): string[] {
  const [known, now] = [before.requestBody?.content ?? {}, after.requestBody?.content ?? {}];
  return [
    ...(after.requestBody?.required && !before.requestBody?.required ? ["needs a body"] : []),
    ...inBoth(
      known,
      now,
      (type) => `no longer takes ${type}`,
      (type, earlier, later) => refused(change, `the body (${type})`, earlier.schema, later.schema),
    ),
  ];
}

function responseChanges(change: Change, before: OperationObject, after: OperationObject): string[] {
  return inBoth(
    before.responses,
    after.responses,
    (status) => `no longer answers ${status}`,
    (status, earlier, later) => {
      const [known, now] = [resolve(change.before, earlier), resolve(change.after, later)] as [
        ResponseObject,
        ResponseObject,
      ];
      return [
        ...Object.entries(known.headers ?? {})
          .filter(([header, { required }]) => {
            const kept = now.headers?.[header];
            return kept === undefined || (required && !kept.required);
          })
          .map(([header]) => `may answer ${status} without ${header}`),
        ...inBoth(
          known.content ?? {},
          now.content ?? {},
          (type) => `no longer answers ${status} as ${type}`,
          (type, was, is) => unexpected(change, `${status} (${type})`, was.schema, is.schema),
        ),
      ];
    },
  );
}

function inBoth<T>(
  known: Record<string, T>,
  now: Record<string, T>,
  gone: (key: string) => string,
  compare: (key: string, before: T, after: T) => string[],
): string[] {
  return Object.entries(known).flatMap(([key, before]) => {
    const after = now[key];
    return after ? compare(key, before, after) : [gone(key)];
  });
}

/** Requests that were accepted and no longer are. */
function refused({ before, after }: Change, where: string, was: Schema, is: Schema): string[] {
  return losses({ document: before, schema: was }, { document: after, schema: is }, true).map(
    (loss) => `no longer takes, in ${where}${pointer(loss)}, ${loss.what}`,
  );
}

/** Answers that could not come before and now may. */
function unexpected({ before, after }: Change, where: string, was: Schema, is: Schema): string[] {
  return losses({ document: after, schema: is }, { document: before, schema: was }, false).map(
    (loss) => `may now answer, in ${where}${pointer(loss)}, ${loss.what}`,
  );
}

function pointer({ at }: Loss): string {
  return at === "" ? "" : ` at ${at}`;
}
