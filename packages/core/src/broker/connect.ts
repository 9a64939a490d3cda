import { type ChannelModel, connect, credentials as logins } from "amqplib";
import type { CredentialsProvider } from "../secrets.ts";
import { withReadableHeaders } from "./readable-headers.ts";

/** In seconds. Two missed heartbeats end the connection, which is how a frozen broker is noticed. */
const HEARTBEAT_SECONDS = 10;
const CONNECT_SECONDS = 5;

export interface ConnectOptions {
  /** The connection's name in the broker's management view. */
  name: string;
  /** Asked for user name and password at each connect; without it the URL contains them. */
  credentials?: CredentialsProvider | undefined;
}

/** Over `amqps` the broker's certificate and host name are checked. */
export async function openConnection(
  url: string,
  { name, credentials }: ConnectOptions,
): Promise<ChannelModel> {
  const login = await credentials?.();
  const connection = await connect(withHeartbeat(url), {
    timeout: CONNECT_SECONDS * 1_000,
    clientProperties: { connection_name: name },
    // Apart from the URL: amqplib misreads a non-ASCII password in a URL.
    ...(login && { credentials: logins.plain(login.username, login.password) }),
  });
  // Without a listener an error event would end the process; the "close" event follows it and is the one this code handles.
  connection.on("error", () => {});
  return withCloseThatEnds(withReadableHeaders(connection));
}

/** amqplib's `close` waits for the broker's answer for ever when the connection ends first. */
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
