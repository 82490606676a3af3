import { sha256Hex } from "../core/hash.ts";

/** The prefix of all keys. The version changes with the shape of any value. */
export const REDIS_NAMESPACE = "agentbase:v1";

/**
 * Makes the key `agentbase:v1:<part>:<part>…`. A part that is not a plain identifier is replaced by
 * its SHA-256: user input does not belong in a key, which operators see.
 */
export async function redisKey(...parts: readonly string[]): Promise<string> {
  return [REDIS_NAMESPACE, ...await Promise.all(parts.map(plain))].join(":");
}

async function plain(part: string): Promise<string> {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(part)) return part;
  return `~${await sha256Hex(part)}`;
}
