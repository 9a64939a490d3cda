import { environmentOf } from "./environment.ts";
import { type Preset, type StageSettings, settingsOf } from "./settings.ts";

/** The stage of real orders. It is `hardened`, and no other stage has its name. */
export const PROD = "prod";

/** On each stack of a stage: the preset with which it was made. */
export const PRESET_TAG = "cloud-design:preset";

/** The preset of a stage for which nothing else is said. */
export function defaultPreset(stage: string): Preset {
  return stage === PROD ? "hardened" : "standard";
}

/** The preset of the stage that this process works on: the setting `PRESET`, into which the checks of `preflight` put what the stage itself remembers. */
export function presetOf(stage: string): Preset {
  return environmentOf().PRESET ?? defaultPreset(stage);
}

export function stageSettings(stage: string): StageSettings {
  return settingsOf(presetOf(stage));
}
