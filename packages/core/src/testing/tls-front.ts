import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { selfSignedCertificate } from "./certificate.ts";

export interface TlsFront {
  port: number;
  /** Its self-signed certificate in PEM. */
  cert: string;
  /** The names that clients asked for (SNI). */
  names: string[];
  close(): void;
}

/** A TLS proxy on localhost for a server without TLS, with a certificate for `host`. */
export async function startTlsFront(target: string, { host = "localhost" } = {}): Promise<TlsFront> {
  const { port, protocol } = new URL(target);
  const certificate = selfSignedCertificate(host);
  const names: string[] = [];
  const encrypt = (socket: Socket) => {
    const outside = new TLSSocket(socket, {
      isServer: true,
      ...certificate,
      SNICallback: (name, done) => {
        names.push(name);
        done(null, createSecureContext(certificate));
      },
    });
    const inside = connect({ port: Number(port), host: "127.0.0.1" });
    for (const end of [outside, inside]) end.on("error", () => {});
    outside.pipe(inside).pipe(outside);
  };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (protocol.startsWith("amqp")) return encrypt(socket);
    // A client of PostgreSQL first asks for TLS (PostgreSQL manual, section 53.2.10).
    socket.once("data", () => {
      socket.write("S");
      encrypt(socket);
    });
  }).listen(0, "localhost");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cert: certificate.cert,
    names,
    close: () => server.close(),
  };
}
