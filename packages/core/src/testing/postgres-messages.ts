import type { Message, Protocol } from "./message-cutter.ts";

// Message formats: PostgreSQL manual, section 53.7.

const SSL_REQUEST = 80_877_103;

const CLIENT: Record<string, string> = {
  B: "Bind",
  C: "Close",
  D: "Describe",
  E: "Execute",
  H: "Flush",
  P: "Parse",
  Q: "Query",
  S: "Sync",
  X: "Terminate",
  p: "password",
};
const SERVER: Record<string, string> = {
  "1": "ParseComplete",
  "2": "BindComplete",
  C: "CommandComplete",
  D: "DataRow",
  E: "ErrorResponse",
  K: "BackendKeyData",
  N: "NoticeResponse",
  R: "Authentication",
  S: "ParameterStatus",
  T: "RowDescription",
  Z: "ReadyForQuery",
  n: "NoData",
  t: "ParameterDescription",
};

function messagesOf(): ReturnType<Protocol["messagesOf"]> {
  const rest = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
  let hasStarted = false;
  let waitsForSslAnswer = false;

  function next(from: "client" | "server", bytes: Buffer): Message | undefined {
    if (from === "server" && waitsForSslAnswer) {
      waitsForSslAnswer = false;
      return { name: "< no to TLS", bytes: bytes.subarray(0, 1) };
    }
    // A client's first messages have no type byte.
    const header = from === "client" && !hasStarted ? 0 : 1;
    if (bytes.length < header + 4) return undefined;
    const length = header + bytes.readUInt32BE(header);
    if (bytes.length < length) return undefined;
    const message = bytes.subarray(0, length);
    if (header === 0) return { name: first(message), bytes: message };
    const type = String.fromCharCode(message[0] ?? 0);
    const name = from === "client" ? `> ${CLIENT[type] ?? type}` : `< ${SERVER[type] ?? type}`;
    return { name, bytes: message };
  }

  function first(message: Buffer): string {
    waitsForSslAnswer = message.readUInt32BE(4) === SSL_REQUEST;
    hasStarted = !waitsForSslAnswer;
    return hasStarted ? "> StartupMessage" : "> SSLRequest";
  }

  return (from, chunk) => {
    const messages: Message[] = [];
    rest[from] = Buffer.concat([rest[from], chunk]);
    for (let message: Message | undefined; rest[from].length > 0; ) {
      message = next(from, rest[from]);
      if (!message) break;
      messages.push(message);
      rest[from] = rest[from].subarray(message.bytes.length);
    }
    return messages;
  };
}

function fatalError(sqlState: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${sqlState}`, "Mterminating connection", ""].join("\0");
  const message = Buffer.alloc(5 + Buffer.byteLength(fields) + 1);
  message.write("E");
  message.writeUInt32BE(message.length - 1, 1);
  message.write(fields, 5);
  return message;
}

export const postgresMessages: Protocol = { messagesOf, fatalError };
