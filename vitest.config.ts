import { defineConfig } from "vitest/config";

/** `unit` needs Node alone, `integration` its own PostgreSQL and RabbitMQ, `e2e` a whole platform of its own. */
export default defineConfig({
  test: {
    // What a part would say in a test that means to break it.
    env: { LOG_LEVEL: "silent" },
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.integration.test.ts", "**/*.e2e.test.ts"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["packages/**/*.integration.test.ts"],
          globalSetup: "packages/local/src/testing/servers.ts",
          // They share one broker, and its queues have fixed names.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["packages/**/*.e2e.test.ts"],
          globalSetup: "packages/local/src/testing/platform.ts",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
