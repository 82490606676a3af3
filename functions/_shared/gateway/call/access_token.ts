import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import { ApiError } from "../../core/errors.ts";

/** The fields of a Google service account's key file that are used. */
const serviceAccountSchema = z.object({
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }),
});

const tokenSchema = z.object({
  access_token: z.string().min(1),
  /** Seconds. */
  expires_in: z.number().positive(),
});

/** Options of {@linkcode createAccessTokens}. */
export interface AccessTokenOptions {
  fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A token is replaced this long before it expires, in milliseconds. */
const EARLY_MS = 60_000;
/** How long a token server may take, in milliseconds. */
export const TIMEOUT_MS = 10_000;
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * Makes a source of access tokens for service accounts. A token is kept until shortly before it
 * expires; requests made while one is being fetched wait for that one.
 *
 * @returns Gets the token for a key file (JSON). Throws {@linkcode ApiError} 503 if the file is
 * invalid or the token server returns none.
 */
export function createAccessTokens(
  { fetch, now }: AccessTokenOptions,
): (serviceAccount: string) => Promise<string> {
  const tokens = new Map<string, { token: Promise<string>; goodUntil: number }>();

  async function request(serviceAccount: string, entry: { goodUntil: number }): Promise<string> {
    try {
      const account = serviceAccountSchema.parse(JSON.parse(serviceAccount));
      const response = await fetch(account.token_uri, {
        method: "POST",
        body: new URLSearchParams({ grant_type: GRANT, assertion: await sign(account, now()) }),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`the token server answered with ${response.status}`);
      const { access_token, expires_in } = tokenSchema.parse(JSON.parse(text));
      entry.goodUntil = now() + expires_in * 1000 - EARLY_MS;
      return access_token;
    } catch (thrown) {
      tokens.delete(serviceAccount);
      throw new ApiError(
        "vendor_token_unavailable",
        "Cannot call the model: its vendor's token endpoint did not return an access token. Try again, or choose another model.",
        { cause: new Error(describe(thrown)), headers: { "retry-after": "5" } },
      );
    }
  }

  return (serviceAccount) => {
    const known = tokens.get(serviceAccount);
    if (known && known.goodUntil > now()) return known.token;
    const entry = { goodUntil: Infinity, token: Promise.resolve("") };
    tokens.set(serviceAccount, entry);
    entry.token = request(serviceAccount, entry);
    return entry.token;
  };
}

async function sign(account: z.infer<typeof serviceAccountSchema>, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({
      alg: "RS256",
      typ: "JWT",
      ...account.private_key_id ? { kid: account.private_key_id } : {},
    })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(await importPKCS8(account.private_key, "RS256"));
}

/** Describes a failure without quoting the key file. */
function describe(thrown: unknown): string {
  if (thrown instanceof z.ZodError) {
    const fields = thrown.issues.map((issue) => issue.path.join("."));
    return `access token: missing or invalid: ${fields.join(", ")}`;
  }
  if (thrown instanceof SyntaxError) return "access token: not JSON";
  return `access token: ${thrown instanceof Error ? thrown.message : "unknown"}`;
}
