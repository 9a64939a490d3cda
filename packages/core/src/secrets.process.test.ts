import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readCredentials, readSecret } from "./secrets.ts";
import { type SecretsManagerStandIn, startSecretsManager } from "./testing/secrets-manager.ts";

let secretsManager: SecretsManagerStandIn;
/** An ARN that no other test has read. */
let arn: string;
let count = 0;

beforeAll(async () => {
  secretsManager = await startSecretsManager();
  Object.assign(process.env, secretsManager.env);
});
afterAll(() => secretsManager.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:test-${count++}`;
  secretsManager.isFailing = false;
  secretsManager.requests = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const passSeconds = (seconds: number) => vi.advanceTimersByTime(seconds * 1_000);

describe("a secret", () => {
  test("is read once for all concurrent callers", async () => {
    secretsManager.values.set(arn, "one");
    expect(await Promise.all([readSecret(arn), readSecret(arn), readSecret(arn)])).toEqual([
      "one",
      "one",
      "one",
    ]);
    expect(secretsManager.requests).toEqual([arn]);
  });

  test("is read again after a second and not before", async () => {
    secretsManager.values.set(arn, "one");
    await readSecret(arn);
    secretsManager.values.set(arn, "two");
    passSeconds(0.9);
    expect(await readSecret(arn)).toBe("one");
    passSeconds(0.2);
    expect(await readSecret(arn)).toBe("two");
  });

  test("is read again after a second, also when the clock was set back by an hour", async () => {
    secretsManager.values.set(arn, "one");
    await readSecret(arn);
    secretsManager.values.set(arn, "two");
    vi.setSystemTime(Date.now() - 3_600_000);
    passSeconds(1.1);
    expect(await readSecret(arn)).toBe("two");
  });

  test("keeps its last value while Secrets Manager fails, and has the new value afterwards", async () => {
    secretsManager.values.set(arn, "one");
    await readSecret(arn);
    secretsManager.isFailing = true;
    for (let outage = 0; outage < 3; outage++) {
      passSeconds(6);
      expect(await readSecret(arn)).toBe("one");
    }
    secretsManager.isFailing = false;
    secretsManager.values.set(arn, "two");
    passSeconds(6);
    expect(await readSecret(arn)).toBe("two");
  });

  test("that was never read is an error during an outage, is requested at most once a second, and works after it", async () => {
    secretsManager.isFailing = true;
    await expect(readSecret(arn)).rejects.toThrow(`The secret ${arn} cannot be read: Not now.`);
    const asked = secretsManager.requests.length;
    await expect(readSecret(arn)).rejects.toThrow("cannot be read");
    expect(secretsManager.requests).toHaveLength(asked);
    secretsManager.isFailing = false;
    secretsManager.values.set(arn, "one");
    passSeconds(6);
    expect(await readSecret(arn)).toBe("one");
  });

  test("that does not exist is named in the error", async () => {
    await expect(readSecret(arn)).rejects.toThrow(`The secret ${arn} cannot be read: Secrets Manager can't`);
  });
});

describe("credentials", () => {
  test("are user name and password, whatever other fields the secret has", async () => {
    secretsManager.values.set(
      arn,
      '{"username": "ann", "password": "a:b@c%/é", "engine": "postgres", "port": 5432}',
    );
    expect(await readCredentials(arn)).toEqual({ username: "ann", password: "a:b@c%/é" });
  });

  test.each([
    "hunter2",
    '"hunter2"',
    '["hunter2"]',
    '{"password": "hunter2"}',
    '{"username": "", "password": "hunter2"}',
  ])("that are %j give an error that does not contain them", async (text) => {
    secretsManager.values.set(arn, text);
    const error: Error = await readCredentials(arn).catch((thrown) => thrown);
    expect(error.message).toBe(`The secret ${arn} is not a JSON object with username and password.`);
    expect(JSON.stringify([error.stack, error.cause])).not.toContain("hunter2");
  });
});
