import { inject } from "vitest";
import { type PlatformTokens, readTokens } from "../setup/platform-tokens.ts";

/** The tokens of the demo users and of the machine client at the start of this test file: valid for ten minutes at least. */
export const { idToken, ...tokens }: PlatformTokens = readTokens(inject("local"));
