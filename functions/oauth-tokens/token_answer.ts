import { z } from "zod";
import { isOtherAccount } from "./account.ts";

/** Longer than any known token. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** Limits of the other fields of an answer that are kept. */
const EXTRA = { fields: 20, length: 2_048 };

/**
 * Not kept: tokens that nothing here uses, and what belongs to the request rather than the answer.
 */
const NOT_EXTRA =
  /token|secret|password|^(?:provider|account_id|ok|error.*|scope|expires_in|expires_at)$/i;

/** Visible characters, as RFC 6749 allows them in a token. */
const token = z.string().max(MAX_TOKEN_LENGTH)
  .regex(/^[\x21-\x7e]+$/, "expected visible ASCII characters and no spaces");

/** Providers send "" for an absent field. */
const absentIfEmpty = (value: unknown) => value === "" ? undefined : value;

/** Seconds, also as text; 0 for an invalid lifetime, null for a value that is not a number. */
const lifetime = z.union([z.number(), z.string().max(40)]).nullish().transform((value) => {
  if (value === null || value === undefined || value === "") return null;
  const seconds = Number(value);
  if (Number.isNaN(seconds)) return null;
  return seconds > 0 ? Math.min(seconds, Number.MAX_SAFE_INTEGER) : 0;
}).catch(null);

/** Words separated by spaces, by commas as GitHub and Slack do, or a list of them. */
const scope = z.union([z.string().max(16_384), z.array(z.string().max(255)).max(500)]).nullish()
  .transform((value) =>
    (Array.isArray(value) ? value.join(" ") : value ?? "").split(/[\s,]+/).filter(Boolean)
      .join(" ") || null
  ).catch(null);

/** `bearer` in any case becomes `Bearer`: some APIs compare it exactly. */
const tokenType = z.string().max(50).regex(/^[\x21-\x7e]+$/, "expected a word").nullish()
  .transform((value) => value?.toLowerCase() === "bearer" ? "Bearer" : value).catch(undefined);

/**
 * The answer of a token endpoint, to a sign-in or a refresh. Tolerates deviations from RFC 6749:
 * only an unusable token is refused.
 */
export const tokenAnswerSchema = z.object({
  access_token: token,
  /** Null discards the refresh token of an earlier sign-in; absent keeps it. */
  refresh_token: z.preprocess(absentIfEmpty, token.nullish()),
  token_type: tokenType,
  scope,
  /** Seconds. */
  expires_in: lifetime,
});

const objectSchema = z.record(z.string(), z.unknown());

/** Some providers nest the tokens: Slack has those of a user in `authed_user`. */
export function flatten(body: Record<string, unknown>): Record<string, unknown> {
  if (body["access_token"]) return body;
  for (const value of Object.values(body)) {
    const nested = objectSchema.safeParse(value).data;
    if (typeof nested?.["access_token"] === "string") return { ...body, ...nested };
  }
  return body;
}

/** Further fields that callers of the provider need, such as `instance_url`. */
export const extraSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]),
);

/** The tokens of a person at a provider. Always stored encrypted. */
export const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string().nullable(),
  token_type: z.string(),
  scope: z.string().nullable(),
  extra: extraSchema.default({}),
  /** The account at the provider; null if it is not known. */
  account_id: z.string().nullable().default(null),
});

/** The tokens of a person at a provider. */
export type Tokens = z.infer<typeof tokensSchema>;

/** The tokens of an answer. */
export interface TokenAnswer {
  /** Fields that the answer lacks are taken from the stored tokens. */
  tokens: Tokens;
  /** Seconds; null if the provider does not state it, 0 if its value is invalid. */
  expiresIn: number | null;
}

/**
 * The tokens to store for an answer.
 *
 * @param body The answer as it came, with fields that the schema does not have.
 * @param stored The stored tokens, which the answer replaces; null for none. Nothing is kept of
 * another account.
 * @param account The account of the answer; null if it is not known.
 */
export function toTokens(
  answer: z.infer<typeof tokenAnswerSchema>,
  body: object,
  stored: Tokens | null,
  account: string | null = null,
): TokenAnswer {
  const { access_token, refresh_token, token_type } = answer;
  const before = isOtherAccount(account, stored) ? null : stored;
  return {
    tokens: {
      access_token,
      refresh_token: refresh_token === undefined ? before?.refresh_token ?? null : refresh_token,
      token_type: token_type ?? before?.token_type ?? "Bearer",
      scope: answer.scope ?? before?.scope ?? null,
      extra: { ...before?.extra, ...extraOf(body) },
      account_id: account ?? before?.account_id ?? null,
    },
    expiresIn: answer.expires_in,
  };
}

function extraOf(body: object): Tokens["extra"] {
  const kept = Object.entries(body).filter(([name, value]) =>
    name.length <= 100 && !NOT_EXTRA.test(name) &&
    ["string", "number", "boolean"].includes(typeof value) && String(value).length <= EXTRA.length
  );
  return extraSchema.parse(Object.fromEntries(kept.slice(0, EXTRA.fields)));
}
