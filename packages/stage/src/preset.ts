import { environmentOf } from "./environment.ts";
import { type Preset, type StageSettings, settingsOf } from "./settings.ts";

/** The stage of real orders. It is `hardened`, and no other stage has its name. */
export const PROD = "prod";

/** On each stack of a stage: the preset with which it was made. */
export const PRESET_TAG = "cloud-design:preset";

/** On each stack of a stage that has a part beyond its preset: the name of that part. */
export const WITH_TAG = "cloud-design:with";

/** The preset of a stage for which nothing else is said. */
export function defaultPreset(stage: string): Preset {
  return stage === PROD ? "hardened" : "standard";
}

/** The preset of the stage that this process works on: the setting `PRESET`, into which the checks of `preflight` put what the stage itself remembers. */
export function presetOf(stage: string): Preset {
  return environmentOf().PRESET ?? defaultPreset(stage);
}

/** The settings of the stage that this process works on: those of its preset, and what `WITH` adds to them. */
export function stageSettings(stage: string): StageSettings {
  const settings = settingsOf(presetOf(stage));
  return { ...settings, hasProxy: settings.hasProxy || environmentOf().WITH === "proxy" };
}
