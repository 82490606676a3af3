import { z } from "zod";

/** How far a caller has used a limit of requests a minute: the `rate_limit` of begin_chat_turn. */
export const rateLimitStateSchema = z.object({
  /** Requests a minute. */
  limit: z.number(),
  /** Requests that are allowed immediately. */
  remaining: z.number(),
  /** Milliseconds until the whole limit is available again, without further calls. */
  reset_ms: z.number(),
});

/** The state of a caller's limit. */
export type RateLimitState = z.infer<typeof rateLimitStateSchema>;

/** The rate limit headers of OpenAI's API; none if nothing is known. */
export function rateLimitHeaders(state: RateLimitState | null | undefined): Record<string, string> {
  if (!state) return {};
  return {
    "x-ratelimit-limit-requests": String(state.limit),
    "x-ratelimit-remaining-requests": String(Math.max(0, Math.floor(state.remaining))),
    "x-ratelimit-reset-requests": duration(state.reset_ms),
  };
}

/** Milliseconds as OpenAI writes them: `12ms`, `1s`, `6m0s`, `1h0m0.5s`. */
export function duration(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}
