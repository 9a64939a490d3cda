import { inject } from "vitest";
import { type PlatformTokens, readTokens } from "../setup/platform-tokens.ts";

/** Of the demo users and of the machine client, as they were when this file of tests began: good for ten minutes at least. */
export const { idToken, ...tokens }: PlatformTokens = readTokens(inject("local"));
