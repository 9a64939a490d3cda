import { appendFileSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { allowedFields, type LogFields } from "@cloud-design/core/log-line";
import { activeIds } from "@cloud-design/core/telemetry";

/** The user of this machine. The user of a container may have no entry in /etc/passwd. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

/**
 * Writes the log lines of a function that exists only on AWS, synchronously and at any log level: an action is on the record even if the
 * process is killed.
 */
export function recordIn(directory: string, service: string, message: string): (fields: LogFields) => void {
  const path = join(directory, `logs/${service}.log`);
  return (fields) => {
    mkdirSync(join(directory, "logs"), { recursive: true });
    const line = {
      level: "info",
      time: new Date().toISOString(),
      service,
      ...allowedFields({ ...activeIds(), ...fields }),
      message,
    };
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  };
}
