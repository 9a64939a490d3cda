import { environmentOf, type LiveFunction } from "@cloud-design/stage/environment";

/** What this knows of SST's app. */
interface Mode {
  mode: string;
}

/** Whether `sst dev` is to run this function where it is typed. Each deployment by other means makes it a whole function again. */
export function isLive({ mode }: Mode, name: LiveFunction): boolean {
  return mode === "dev" && liveFunctions().includes(name);
}

/** One line for whoever has typed `sst dev`: what runs here, or how to ask for it. */
export function liveLine(): string {
  const names = liveFunctions();
  return names.length > 0
    ? `Runs here: ${names.join(" and ")}. Everything else runs on AWS.`
    : "Nothing runs here: name it with LIVE_FUNCTIONS=gateway, token-scopes or both (docs/deploy.md).";
}

function liveFunctions(): readonly LiveFunction[] {
  return environmentOf().LIVE_FUNCTIONS ?? [];
}
