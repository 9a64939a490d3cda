import { defineConfig } from "vitest/config";

const CORE = "packages/core/**/*.integration.test.ts";
const SERVICES = "packages/containers/**/*.integration.test.ts";
const INTEGRATION = [
  { name: "core", include: [CORE] },
  { name: "services", include: [SERVICES] },
  { name: "others", include: ["packages/**/*.integration.test.ts"], exclude: [CORE, SERVICES] },
];

/** A busy machine decides nothing: these end only a run that hangs, and a poll says what it waited for before its test ends. */
const PATIENCE = {
  testTimeout: 900_000,
  hookTimeout: 900_000,
  expect: { poll: { timeout: 60_000 } },
};

/**
 * `unit` starts nothing and opens no port; `process` starts processes and servers of its own; `integration-*` needs PostgreSQL and RabbitMQ;
 * `e2e` a whole platform; `start` types `npm start` itself; `chaos` needs a platform to break; `browser` a headless Chromium; `infra` the templates that the real `sst build` writes;
 * `images` a builder of container images. Each brings what it needs.
 */
export default defineConfig({
  test: {
    // Parts log errors in tests that provoke them.
    env: { LOG_LEVEL: "silent" },
    // A failure's one line says what was found, also where it is a list of sentences.
    chaiConfig: { truncateThreshold: 1_000 },
    // `npm test` starts them in this order: the longest first, so that it does not end last.
    projects: [
      {
        test: {
          name: "e2e",
          include: ["packages/**/*.e2e.test.ts"],
          globalSetup: ["packages/testing/src/setup/platform.ts", "packages/testing/src/setup/browser.ts"],
          fileParallelism: false,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "infra",
          include: ["stacks/**/*.test.ts", "packages/**/*.infra.test.ts"],
          globalSetup: "stacks/testing/setup.ts",
          // Two files type commands in clones of their own, and wait for them.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "start",
          include: ["packages/**/*.start.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
          ...PATIENCE,
        },
      },
      // Files of one project share one broker, whose queues have fixed names; each project has servers of its own.
      ...INTEGRATION.map(({ name, include, exclude = [] }) => ({
        test: {
          name: `integration-${name}`,
          include,
          exclude: ["**/node_modules/**", ...exclude],
          globalSetup: "packages/testing/src/setup/servers.ts",
          fileParallelism: false,
          ...PATIENCE,
        },
      })),
      {
        test: {
          name: "chaos",
          include: ["packages/**/*.chaos.test.ts"],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "images",
          include: ["packages/**/*.images.test.ts"],
          // They build whole images, and share the builder's store.
          fileParallelism: false,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "process",
          include: ["packages/**/*.process.test.ts"],
          // They wait more than they work.
          maxWorkers: 4,
          // Vitest asks for a group of its own where the number of workers differs.
          sequence: { groupOrder: 1 },
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts"],
          exclude: [
            "**/node_modules/**",
            "**/*.{browser,chaos,e2e,images,infra,integration,process,start}.test.ts",
          ],
          setupFiles: "packages/testing/src/setup/pure.ts",
          // They leave nothing behind that another file could meet, and are twice as fast together.
          isolate: false,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: "browser",
          include: ["packages/**/*.browser.test.ts"],
          globalSetup: "packages/testing/src/setup/browser.ts",
          ...PATIENCE,
        },
      },
    ],
  },
});
