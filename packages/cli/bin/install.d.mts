export const NEED_EVERYTHING: readonly string[];
export const PNPM_ENVIRONMENT: Readonly<Record<string, string>>;
