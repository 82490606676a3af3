import type { z } from "zod";
import { sleep } from "../core/sleep.ts";
import { parseCached } from "./cache_value.ts";
import type { SharedRedis } from "./client.ts";
import { redisKey } from "./key.ts";

/** Values in Redis, which may be missing or outdated at any time. */
export interface Cache<Value> {
  /** The value, or null if there is none that is valid. */
  read(id: string): Promise<Value | null>;
  /** The entry for {@linkcode storeEntries} that stores the value; null deletes it. */
  entry(id: string, value: Value | null): Promise<CacheEntry>;
}

/** A key and the value to store at it, or its deletion. */
export interface CacheEntry {
  key: string;
  /** Null deletes the entry. */
  value: string | null;
  /** Milliseconds to live. */
  lifetime: number;
}

/** Options of a {@linkcode Cache}. */
export interface CacheOptions<Value> {
  redis: SharedRedis | null;
  /** The parts of a value's key, of which the id is one. */
  key: (id: string) => readonly string[];
  schema: z.ZodType<Value>;
  /** Milliseconds to live. A value with less than one is not stored. */
  lifetime: (value: Value) => number;
}

/** Makes a cache of values as JSON. */
export function createCache<Value>(options: CacheOptions<Value>): Cache<Value> {
  const { redis, key, schema } = options;
  return {
    async read(id) {
      const found = await redis?.attempt(async (client) => client.get(await redisKey(...key(id))));
      return parseCached(schema, found?.value);
    },
    async entry(id, value) {
      const lifetime = value === null ? 0 : Math.floor(options.lifetime(value));
      const text = value === null || lifetime < 1 ? null : JSON.stringify(value);
      return { key: await redisKey(...key(id)), value: text, lifetime };
    },
  };
}

/** Writes entries in one request, in the background. Never rejects. */
export async function storeEntries(
  redis: SharedRedis | null,
  entries: readonly CacheEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await redis?.later(async (client) => {
    const pipeline = client.pipeline();
    for (const { key, value, lifetime } of entries) {
      if (value === null) pipeline.del(key);
      else pipeline.set(key, value, { px: lifetime });
    }
    await pipeline.exec();
  });
}

/** Milliseconds that entries wait to be batched. */
const GATHER_MS = 50;

/** Characters of the values in one request, which Redis limits; a larger value is sent alone. */
const MAX_CHARACTERS = 512 * 1024;

/**
 * Makes a function that writes entries as {@linkcode storeEntries} does, but in batches: one
 * request at a time sends the entries that were added since the one before, and of each key only
 * the latest value.
 *
 * @param shutdown Ends the wait for others.
 */
export function createEntryBatch(
  redis: SharedRedis | null,
  shutdown: AbortSignal,
): (entries: readonly CacheEntry[]) => Promise<void> {
  const waiting = new Map<string, CacheEntry>();
  let writing: Promise<void> | undefined;

  function take(): CacheEntry[] {
    const taken: CacheEntry[] = [];
    let length = 0;
    for (const entry of waiting.values()) {
      length += entry.value?.length ?? 0;
      if (taken.length > 0 && length > MAX_CHARACTERS) break;
      taken.push(entry);
      waiting.delete(entry.key);
    }
    return taken;
  }

  async function write(): Promise<void> {
    await sleep(GATHER_MS, shutdown);
    while (waiting.size > 0) await storeEntries(redis, take());
    writing = undefined;
  }

  return async (entries) => {
    for (const entry of entries) waiting.set(entry.key, entry);
    if (waiting.size > 0) await (writing ??= write());
  };
}
