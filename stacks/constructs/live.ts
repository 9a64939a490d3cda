import { environmentOf, type LiveFunction } from "@cloud-design/stage/environment";

/** The part of SST's app that this module uses. */
interface Mode {
  mode: string;
}

/** Whether `sst dev` runs this function on the developer's machine. Any other deployment makes it an ordinary function again. */
export function isLive({ mode }: Mode, name: LiveFunction): boolean {
  return mode === "dev" && liveFunctions().includes(name);
}

/** The line that `sst dev` prints: which functions run here, or how to ask for them. */
export function liveLine(): string {
  const names = liveFunctions();
  return names.length > 0
    ? `Runs here: ${names.join(" and ")}. Everything else runs on AWS.`
    : "Nothing runs here: name it with LIVE_FUNCTIONS=gateway, token-scopes or both (docs/deploy.md).";
}

function liveFunctions(): readonly LiveFunction[] {
  return environmentOf().LIVE_FUNCTIONS ?? [];
}
