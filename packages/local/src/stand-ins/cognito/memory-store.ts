import type { Adapter, AdapterConstructor, AdapterPayload } from "oidc-provider";

/** Sessions, codes and grants of this process. They end with it: users sign in again, and their tokens stay valid. */
export function memoryStore(): AdapterConstructor {
  const entries = new Map<string, { payload: AdapterPayload; expiresAt: number }>();

  function sweep(): void {
    for (const [key, { expiresAt }] of entries) if (expiresAt <= performance.now()) entries.delete(key);
  }

  return class MemoryStore implements Adapter {
    readonly model: string;

    constructor(model: string) {
      this.model = model;
    }

    #key(id: string): string {
      return `${this.model}:${id}`;
    }

    async upsert(id: string, payload: AdapterPayload, expiresInSeconds: number): Promise<void> {
      sweep();
      entries.set(this.#key(id), { payload, expiresAt: performance.now() + expiresInSeconds * 1_000 });
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      const entry = entries.get(this.#key(id));
      return entry && entry.expiresAt > performance.now() ? entry.payload : undefined;
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      for (const [key, { payload }] of entries)
        if (key.startsWith(`${this.model}:`) && payload.uid === uid) return payload;
    }

    /** Only the device flow calls it, and that is off. */
    async findByUserCode(): Promise<undefined> {}

    async consume(id: string): Promise<void> {
      const entry = entries.get(this.#key(id));
      // biome-ignore lint/plugin: seconds since 1970, as tokens have them.
      if (entry) entry.payload.consumed = Math.floor(Date.now() / 1_000);
    }

    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id));
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    }
  };
}
