import { spawnSync } from "node:child_process";
import { Refusal } from "../refusal.ts";

const DOCKER_SECONDS = 20;

/** A deployment builds the services' images here, and SST would report a missing Docker only after it has built everything else. */
export function checkDocker(command = process.env.CDK_DOCKER || "docker"): string {
  const { error, status, stderr } = spawnSync(command, ["info"], {
    timeout: DOCKER_SECONDS * 1_000,
    encoding: "utf8",
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new Refusal(
      `The images of the services are built here, and there is no ${command}: install Docker, or name finch or podman with CDK_DOCKER.`,
    );
  }
  if (error || status !== 0) {
    const said = error?.message ?? stderr.trim().split("\n").at(-1);
    throw new Refusal(`${command} does not answer: start it, then try again. It says: ${said}`);
  }
  return `${command} answers`;
}
