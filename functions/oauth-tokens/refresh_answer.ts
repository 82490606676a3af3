import { z } from "zod";
import {
  flatten,
  type TokenAnswer,
  tokenAnswerSchema,
  type Tokens,
  toTokens,
} from "./token_answer.ts";

/** A provider's answer to a refresh. */
export type RefreshAnswer =
  | { kind: "tokens" } & TokenAnswer
  /** It no longer accepts the refresh token. */
  | { kind: "refused"; code: string }
  /** It returned no tokens, but the refresh token may still be valid. */
  | { kind: "failed"; code: string; isRefusal: boolean };

const { access_token, refresh_token, scope, expires_in } = tokenAnswerSchema.shape;

/**
 * An answer to a refresh. Only its access token must be valid: the old refresh token may be used
 * up, so a refused answer would lose the sign-in.
 */
const refreshedSchema = z.object({
  access_token,
  refresh_token: refresh_token.catch(undefined),
  scope,
  expires_in,
});

/**
 * Errors of the client or the request, and transient ones, which do not concern the refresh token.
 */
const NOT_THE_TOKEN = new Set([
  "invalid_client",
  "unsupported_grant_type",
  "temporarily_unavailable",
  "server_error",
  "slow_down",
  "rate_limited",
  "ratelimited",
]);

/** Descriptions that blame the refresh token, with any code. */
const BLAMES_TOKEN =
  /refresh[ _-]?token.{0,80}\b(?:invalid|expired|revoked|unknown|not (?:found|valid))\b|\b(?:invalid|expired|revoked|unknown) refresh[ _-]?token/i;

/**
 * Reads the answer of a token endpoint to a refresh.
 *
 * @param refusals Codes of permanent refusals: `oauth_providers.refusals`.
 * @param before The tokens that are refreshed.
 */
export function readRefreshAnswer(
  status: number,
  text: string,
  refusals: readonly string[],
  before: Tokens,
): RefreshAnswer {
  const body = flatten(parse(text));
  const isSuccess = status >= 200 && status < 300;
  const error = errorOf(body);
  if (isSuccess && error === null) {
    const answer = refreshedSchema.safeParse(body).data;
    if (!answer) return { kind: "failed", code: "no_token", isRefusal: false };
    // An empty or null refresh token means that the old one stays valid.
    const kept = { ...answer, refresh_token: answer.refresh_token ?? undefined, token_type: null };
    return { kind: "tokens", ...toTokens(kept, body, before) };
  }
  const code = error?.code ?? "?";
  const isAbleToTell = error !== null && status < 500 && status !== 408 && status !== 429;
  const isNamed = refusals.includes(code) || refusals.includes(`${status}:${code}`);
  const isRefusal = isAbleToTell && !NOT_THE_TOKEN.has(code);
  if (isAbleToTell && (isNamed || isRefusal && BLAMES_TOKEN.test(error.description))) {
    return { kind: "refused", code };
  }
  return { kind: "failed", code: `status ${status} ${code}`, isRefusal };
}

const objectSchema = z.record(z.string(), z.unknown());

/** An answer in JSON, or form-encoded, as GitHub sends it by default. */
function parse(text: string): Record<string, unknown> {
  const content = text.replace(/^\uFEFF/, "").trim();
  try {
    return objectSchema.safeParse(unwrap(JSON.parse(content))).data ?? {};
  } catch {
    const isForm = /^(?:[\w.-]+=[^&\s]*)(?:&[\w.-]+=[^&\s]*)*$/.test(content);
    return isForm ? Object.fromEntries(new URLSearchParams(content)) : {};
  }
}

/** The object in a list of one, or in a JSON string; some gateways send these. */
function unwrap(value: unknown): unknown {
  const inner: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return Array.isArray(inner) ? inner[0] : inner;
}

const errorSchema = z.union([
  z.string(),
  z.object({ code: z.string(), message: z.string().optional() }),
  z.object({ type: z.string(), message: z.string().optional() }),
  z.object({ error: z.string(), message: z.string().optional() }),
]);

/** The error of an answer, its code in lower case; null if it reports none. */
function errorOf(
  body: Record<string, unknown>,
): { code: string; description: string } | null {
  const said = body["error"] || body["errors"];
  const stated = body["access_token"] ? said : said || body["status"];
  const first: unknown = Array.isArray(stated) ? stated[0] : stated;
  const error = errorSchema.safeParse(first || undefined).data;
  if (error === undefined) return null;
  const message = typeof error === "string" ? undefined : error.message;
  const description = message ?? body["error_description"] ?? body["message"];
  return {
    code: codeOf(error),
    description: typeof description === "string" ? description.slice(0, 1_000) : "",
  };
}

/** A code that is safe to log: a word, never a token that the provider quotes. */
function codeOf(error: z.infer<typeof errorSchema>): string {
  let code: string;
  if (typeof error === "string") code = error;
  else if ("code" in error) code = error.code;
  else code = "type" in error ? error.type : error.error;
  return /^[a-z_]{1,40}$/i.test(code) ? code.toLowerCase() : "?";
}
