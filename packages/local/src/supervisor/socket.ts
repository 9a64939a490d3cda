import { createHash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux. */
const SOCKET_PATH_MAX = 100;

/** Where a program of the platform in this directory listens for its owner's other programs. */
export function socketPath(directory: string, name: string): string {
  const path = join(directory, `${name}.sock`);
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  return join(tmpdir(), `cloud-design-${hash}.sock`);
}

export async function listenOnSocket(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true }); // left by a process that was killed
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen(path, listening.resolve);
  await listening.promise;
  chmodSync(path, 0o600);
}

/** The body of the answer. */
export function askSocket(
  path: string,
  { method, url, signal }: { method: string; url: string; signal?: AbortSignal },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, method, path: url, signal }, (response) =>
      text(response).then(resolve, reject),
    );
    asked.once("error", reject).end();
  });
}
