/** Headers of an answer that a browser client may read. */
const EXPOSED = [
  "x-session-id",
  "x-request-id",
  "request-id",
  "openai-processing-ms",
  "server-timing",
  "idempotent-replayed",
  "x-model-successor",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
].join(", ");

/** A header name, as a preflight may list it. */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/i;

const MAX_REQUESTED_HEADERS = 64;

/**
 * The origin whose pages may read the answer to a request: `*` for all, null for none. Preflights
 * and errors follow the same rule.
 */
export type CorsPolicy = (request: Request) => Promise<string | null>;

/**
 * Allows pages to read the answer. Any origin is allowed where callers are identified by a bearer
 * token and never by a cookie, as another origin then gains no access; a function's policy may
 * restrict it to one.
 *
 * @param origin The result of a {@linkcode CorsPolicy}.
 */
export function addCorsHeaders(headers: Headers, origin: string | null = "*"): void {
  if (origin !== "*") headers.append("vary", "origin");
  if (origin === null) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED);
}

/**
 * Answers a preflight. The headers that the page asks for are allowed as asked: OpenAI's client
 * adds a dozen of its own (`x-stainless-…`) whose list changes with each release.
 */
export function preflight(request: Request): Response {
  const requested = (request.headers.get("access-control-request-headers") ?? "")
    .split(",").map((name) => name.trim()).filter((name) => HEADER_NAME.test(name))
    .slice(0, MAX_REQUESTED_HEADERS);
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": requested.length > 0
        ? requested.join(", ")
        : "authorization, x-client-info, apikey, content-type",
      "access-control-max-age": "86400",
      "vary": "access-control-request-headers",
    },
  });
}
