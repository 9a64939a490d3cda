import type { Lab } from "../chaos/lab.ts";
import { minutes } from "./minutes.ts";

/** Stops a part of the platform for this many minutes. */
export async function without(lab: Lab, part: string, count: number): Promise<void> {
  await lab.ops("stop", part);
  try {
    await minutes(count);
  } finally {
    await lab.ops("start", part);
  }
}

/** The same for a server of the laboratory. */
export async function withoutServer(
  server: "broker" | "ordersDatabase",
  lab: Lab,
  count: number,
): Promise<void> {
  const { part } = lab[server];
  await part.stop();
  try {
    await minutes(count);
  } finally {
    await part.start(() => {});
  }
}
