import { z } from "zod";

/** Longer than any token that is in use. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** Seconds; what is said to last longer lasts long enough. */
const TEN_YEARS = 315_360_000;

/** Visible characters, as RFC 6749 allows them in a token. */
const token = z.string().max(MAX_TOKEN_LENGTH)
  .regex(/^[\x21-\x7e]+$/, "expected visible ASCII characters and no spaces");

/** Name of a provider: `oauth_providers.id`. */
export const PROVIDER = /^[a-z][a-z0-9_]{0,49}$/;

/** A token endpoint's answer, with the provider that gave it. Further fields are not kept. */
export const storeRequestSchema = z.object({
  provider: z.string().regex(PROVIDER, "expected the id of a provider, such as google"),
  access_token: token,
  refresh_token: token.nullish(),
  token_type: z.string().min(1).max(50).regex(/^[\x21-\x7e]+$/, "expected a word").nullish(),
  scope: z.string().max(4096).nullish(),
  /** Seconds. */
  expires_in: z.number().positive().max(TEN_YEARS).nullish(),
});

/** The tokens of a person at a provider. Encrypted wherever they are kept. */
export const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string().nullable(),
  token_type: z.string(),
  scope: z.string().nullable(),
});

/** The tokens of a person at a provider. */
export type Tokens = z.infer<typeof tokensSchema>;

/** What is to be stored. */
export interface StoreRequest {
  provider: string;
  tokens: Tokens;
  /** Seconds that the access token is good for; null when the provider does not say. */
  expiresIn: number | null;
}

/** What is to be stored of a validated body of POST /oauth-tokens. */
export function toStore(
  { provider, expires_in, ...tokens }: z.infer<typeof storeRequestSchema>,
): StoreRequest {
  return {
    provider,
    tokens: {
      access_token: tokens.access_token,
      refresh_token: tokens.refresh_token ?? null,
      token_type: tokens.token_type ?? "Bearer",
      scope: tokens.scope ?? null,
    },
    expiresIn: expires_in ?? null,
  };
}
