import { createSocket } from "node:dgram";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";

/**
 * The header that the daemon expects before each document (X-Ray developer guide, "Sending segment documents to the
 * X-Ray daemon").
 */
const HEADER = '{"format":"json","version":1}\n';
/** Announces OTLP data of a sampled trace (aws-otel-js-instrumentation, exporter for X-Ray over UDP). */
const OTLP_SAMPLED = "T1S";

/**
 * Sends spans to the X-Ray daemon that Lambda runs beside each function, like the layer of AWS's distribution: as
 * datagrams to the same machine, without waiting. It needs no layer and no collector, and adds nothing to the cold
 * start.
 */
export class XrayDaemonExporter implements SpanExporter {
  readonly #socket = createSocket("udp4").unref();
  readonly #host: string;
  readonly #port: number;

  /** `address` is `host:port`. */
  constructor(address: string) {
    const [host = "", port = ""] = address.split(":");
    this.#host = host;
    this.#port = Number(port);
    // A span that cannot be sent is dropped.
    this.#socket.on("error", () => {});
  }

  export(spans: ReadableSpan[], onResult: (result: ExportResult) => void): void {
    const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []).toString("base64");
    this.#socket.send(HEADER + OTLP_SAMPLED + body, this.#port, this.#host, (error) =>
      onResult(error ? { code: ExportResultCode.FAILED, error } : { code: ExportResultCode.SUCCESS }),
    );
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#socket.close();
  }
}
