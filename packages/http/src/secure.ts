import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type SecureContextOptions, type Server as TlsServer } from "node:tls";

/** The content type of a handshake record, the first byte of a TLS connection (RFC 8446, section 5.1). */
const HANDSHAKE = 22;

/**
 * Makes an HTTP server speak only HTTPS; call it before the server listens. Its time-outs, refusals and drain stay the
 * same. Exception: the loopback, where a container's health check uses plain HTTP, may do so, since its bytes never
 * cross a network. Call `setSecureContext` on the result to give later connections another certificate.
 */
export function secure(server: Server, identity: SecureContextOptions): TlsServer {
  // Node accepts connections that another server hands over, but counts only those of the server that listens.
  const [serve] = server.listeners("connection") as [(socket: Duplex) => void];
  const decrypting = createServer(
    { ...identity, handshakeTimeout: server.headersTimeout, ALPNProtocols: ["http/1.1"] },
    (socket) => serve.call(server, socket),
  );
  // A client that has not finished its handshake cannot get an HTTP answer.
  decrypting.on("tlsClientError", (_error, socket) => socket.destroy());
  const decrypt = (socket: Socket) => {
    // An HTTP server keeps its half of a connection open, so the socket of a client that leaves during the handshake
    // would stay open.
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

/** Calls `handle` with the first byte, which is put back into the connection. */
function onFirstByte(socket: Socket, timeout: number, handle: (byte: number) => void): void {
  const destroy = () => socket.destroy();
  socket.once("error", destroy).once("end", destroy).setTimeout(timeout, destroy);
  socket.once("data", (chunk: Buffer) => {
    socket.pause().off("error", destroy).off("end", destroy).setTimeout(0, destroy);
    socket.unshift(chunk);
    handle(chunk[0] ?? HANDSHAKE);
  });
}
