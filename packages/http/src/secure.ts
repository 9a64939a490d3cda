import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type SecureContextOptions, type Server as TlsServer } from "node:tls";

/** A record of TLS begins with its kind, and a connection with a handshake (RFC 8446, section 5.1). */
const HANDSHAKE = 22;

/**
 * Lets an HTTP server speak HTTPS alone, before it listens; its time-outs, refusals and drain stay its own. The loopback is the exception,
 * where a container's health check asks without TLS: what comes from there has never been on a network. `setSecureContext` of what it returns
 * gives connections that come later another certificate.
 */
export function secure(server: Server, identity: SecureContextOptions): TlsServer {
  // Node lets connections be handed to a server of either kind, and keeps count of those of the one that listens.
  const [serve] = server.listeners("connection") as [(socket: Duplex) => void];
  const decrypting = createServer(
    { ...identity, handshakeTimeout: server.headersTimeout, ALPNProtocols: ["http/1.1"] },
    (socket) => serve.call(server, socket),
  );
  // No word of HTTP can be said to a client that has not finished its handshake.
  decrypting.on("tlsClientError", (_error, socket) => socket.destroy());
  const decrypt = (socket: Socket) => {
    // An HTTP server keeps its half of a connection open; nobody would close that of a client who leaves in the handshake.
    socket.allowHalfOpen = false;
    decrypting.emit("connection", socket);
  };
  const read = (socket: Socket) => {
    serve.call(server, socket);
    socket.resume();
  };
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    if (!isLoopback(socket)) decrypt(socket);
    else
      onFirstByte(socket, server.headersTimeout, (byte) =>
        byte === HANDSHAKE ? decrypt(socket) : read(socket),
      );
  });
  return decrypting;
}

function isLoopback({ remoteAddress = "" }: Socket): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
}

/** The connection is handed on as it came. */
function onFirstByte(socket: Socket, timeout: number, handle: (byte: number) => void): void {
  const destroy = () => socket.destroy();
  socket.once("error", destroy).once("end", destroy).setTimeout(timeout, destroy);
  socket.once("data", (chunk: Buffer) => {
    socket.pause().off("error", destroy).off("end", destroy).setTimeout(0, destroy);
    socket.unshift(chunk);
    handle(chunk[0] ?? HANDSHAKE);
  });
}
