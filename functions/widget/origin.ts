import { ApiError } from "../_shared/core/errors.ts";
import { LruMap } from "../_shared/core/lru_map.ts";
import type { CorsPolicy } from "../_shared/http/cors.ts";

/** How long the result for an origin is cached, in milliseconds. */
const REMEMBERED_MS = 30_000;

const MAX_REMEMBERED = 10_000;

/**
 * The origin of the page that sent a request, as set by its browser. Pages cannot forge it, but
 * programs can: it restricts a widget to its sites, and is not authentication.
 *
 * @throws {ApiError} 403 if there is none: a server, a file, or a sandboxed frame.
 */
export function readOrigin(request: Request): string {
  const origin = request.headers.get("origin");
  if (origin !== null && isOrigin(origin)) return origin;
  throw new ApiError(
    "origin_not_allowed",
    "Cannot use a widget here: the request has no Origin of a web page. Use the widget in a page of an allowed domain; programs use access keys.",
  );
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Options of {@linkcode createCorsPolicy}. */
export interface CorsPolicyOptions {
  /** Whether a widget's key may be used by pages of an origin. */
  allows: (key: string, origin: string) => Promise<boolean>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Lets pages read answers about a widget only if they may use it. The result is cached for a
 * moment; the database still checks every request.
 */
export function createCorsPolicy({ allows, now }: CorsPolicyOptions): CorsPolicy {
  const known = new LruMap<string, { allowed: boolean; until: number }>(MAX_REMEMBERED);

  async function isAllowed(key: string, origin: string): Promise<boolean> {
    const place = `${key} ${origin}`;
    const before = known.get(place);
    if (before && now() < before.until) return before.allowed;
    const allowed = await allows(key, origin);
    known.set(place, { allowed, until: now() + REMEMBERED_MS });
    return allowed;
  }

  return async (request) => {
    const key = new URL(request.url).pathname.match(/\/widget\/(wk_[0-9a-f]{64})\/[a-z]/)?.[1];
    const isAboutWidget = /\/widget\/[^/]+\/[^/]+/.test(new URL(request.url).pathname);
    if (!isAboutWidget) return "*";
    const origin = request.headers.get("origin");
    if (key === undefined || origin === null || !isOrigin(origin)) return null;
    return await isAllowed(key, origin).catch(() => false) ? origin : null;
  };
}
