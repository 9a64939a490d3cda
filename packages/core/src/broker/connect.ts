import { type ChannelModel, connect, credentials as logins } from "amqplib";
import type { CredentialsProvider } from "../secrets.ts";
import { withReadableHeaders } from "./readable-headers.ts";

/** In seconds: two missed ones end the connection, which is how a frozen broker is noticed. */
const HEARTBEAT_SECONDS = 10;
const CONNECT_SECONDS = 5;

export interface ConnectOptions {
  /** Shown by the broker. */
  name: string;
  /** Who signs in, asked at each connect; without it the URL says so. */
  credentials?: CredentialsProvider | undefined;
}

/** Over `amqps` the broker's certificate and name are checked. */
export async function openConnection(
  url: string,
  { name, credentials }: ConnectOptions,
): Promise<ChannelModel> {
  const login = await credentials?.();
  const connection = await connect(withHeartbeat(url), {
    timeout: CONNECT_SECONDS * 1_000,
    clientProperties: { connection_name: name },
    // Beside the URL, in which amqplib would read a password outside ASCII wrongly.
    ...(login && { credentials: logins.plain(login.username, login.password) }),
  });
  // Without a listener an error event would end the process; "close" follows it and is what we act on.
  connection.on("error", () => {});
  return withCloseThatEnds(withReadableHeaders(connection));
}

/** amqplib's own waits for the broker's answer for ever when the connection ends before it comes. */
function withCloseThatEnds(connection: ChannelModel): ChannelModel {
  const ended = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  const close = connection.close.bind(connection);
  connection.close = () => Promise.race([close(), ended]);
  return connection;
}

function withHeartbeat(url: string): string {
  const withParameter = new URL(url);
  withParameter.searchParams.set("heartbeat", String(HEARTBEAT_SECONDS));
  return withParameter.href;
}
