export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** OpenTelemetry's names of the kinds, in the order of their numbers. */
export const SPAN_KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/** A span as the store keeps it: times in milliseconds since 1970, with fractions. */
export interface Span {
  traceId: string;
  spanId: string;
  parentId?: string | undefined;
  service: string;
  kind: (typeof SPAN_KINDS)[number];
  name: string;
  startMs: number;
  endMs: number;
  attributes: Attributes;
  events: { name: string; atMs: number; attributes: Attributes }[];
  /** Related spans of other traces. */
  links: { traceId: string; spanId: string }[];
  isError: boolean;
  /** The message of the status. */
  message?: string | undefined;
}

/** The order that this span is a hop of. A request for the status of an order is not a hop. */
export function orderIdOf({ kind, attributes }: Span): string | undefined {
  const { "order.id": id, "http.request.method": method } = attributes;
  if (kind === "server" && method === "GET") return undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

export function textOf({ attributes }: Pick<Span, "attributes">, name: string): string | undefined {
  const value = attributes[name];
  return value === undefined ? undefined : String(value);
}
