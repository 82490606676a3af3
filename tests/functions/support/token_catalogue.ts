import { claims, signHS256, type SigningKey, signWith } from "./tokens.ts";

/** The keys and the secret with which tokens are signed. */
export interface Project {
  issuer: string;
  /** A key that the issuer publishes. */
  key: SigningKey;
  /** A key that the issuer does not publish. */
  stranger: SigningKey;
  /** The shared secret of HS256 tokens. */
  secret: string;
}

/** A request that must not be authenticated. */
export interface BadToken {
  what: string;
  /** The header `Authorization`; null for none. */
  authorization: string | null;
  code: "missing_token" | "invalid_token" | "token_expired" | "api_key_not_accepted";
  /** What the message must contain. */
  says?: RegExp;
}

/** Everything that is not a valid token of a user, signed in both accepted ways. */
export async function badTokens(project: Project): Promise<BadToken[]> {
  const { issuer, key, stranger, secret } = project;
  const ours = (changes: Record<string, unknown> = {}) => claims({ iss: issuer, ...changes });
  const good = await signWith(key, ours());
  const [head, payload, signature] = good.split(".");
  const otherPayload = (await signWith(key, ours({ sub: crypto.randomUUID() }))).split(".")[1];
  const legacy = (role: string) =>
    signHS256(secret, { iss: "supabase", role, exp: ours().exp }).then((token) =>
      `Bearer ${token}`
    );
  const invalid = (what: string, token: string, says?: RegExp): BadToken => ({
    what,
    authorization: `Bearer ${token}`,
    code: "invalid_token",
    says,
  });
  const apiKey = (what: string, authorization: string): BadToken => ({
    what,
    authorization,
    code: "api_key_not_accepted",
    says: /API key/,
  });

  const both: BadToken[] = [];
  const wrong: [what: string, changes: Record<string, unknown>, says?: RegExp][] = [
    ["never expiring", { exp: undefined }],
    ["not yet valid", { nbf: seconds(60) }, /nbf/],
    ["of another issuer", { iss: "https://other.supabase.co/auth/v1" }, /iss/],
    ["of no issuer", { iss: undefined }, /iss/],
    ["for another audience", { aud: "other" }, /aud/],
    ["for no audience", { aud: undefined }, /aud/],
    ["without a subject", { sub: undefined }, /sub/],
    ["of a subject that is no user", { sub: "me" }, /sub/],
  ];
  for (const [what, changes, says] of wrong) {
    both.push(invalid(`ES256, ${what}`, await signWith(key, ours(changes)), says));
    both.push(invalid(`HS256, ${what}`, await signHS256(secret, ours(changes)), says));
  }
  const over = ours({ exp: seconds(-1) });
  for (const token of [await signWith(key, over), await signHS256(secret, over)]) {
    both.push({
      what: `expired, ${token.length} characters`,
      authorization: `Bearer ${token}`,
      code: "token_expired",
      says: /Refresh the sign-in/,
    });
  }

  return [
    { what: "no token", authorization: null, code: "missing_token", says: /no "Authorization"/ },
    { what: "another scheme", authorization: `Basic ${good}`, code: "invalid_token" },
    { what: "no scheme", authorization: good, code: "invalid_token" },
    { what: "two tokens", authorization: `Bearer ${good}, Bearer ${good}`, code: "invalid_token" },
    invalid("garbage", "garbage", /not a JSON Web Token/),
    invalid("dots", "a.b.c"),
    invalid("a visitor's token", `wvt_${"Ab-_".repeat(10)}AbA`, /not a JSON Web Token/),
    invalid("a ticket of a widget", `wtk_${"Ab-_".repeat(10)}AbA`, /not a JSON Web Token/),
    invalid("no signature", `${head}.${payload}.`),
    invalid("an exchanged payload", `${head}.${otherPayload}.${signature}`),
    invalid("alg none", unsigned(ours(), { alg: "none" }), /algorithm/),
    invalid("alg None", unsigned(ours(), { alg: "None" }), /algorithm/),
    invalid("alg none, with a signature", unsigned(ours(), { alg: "none" }) + signature),
    invalid("no alg", unsigned(ours(), {})),
    invalid(
      "HS256 by the public key",
      await signHS256(JSON.stringify(key.publicJwk), ours(), key.kid),
      /signature/,
    ),
    invalid(
      "HS256 by another secret",
      await signHS256("another secret of sufficient length!", ours()),
      /signature/,
    ),
    invalid(
      "the right key id, another key",
      await signWith({ ...stranger, kid: key.kid }, ours()),
      /signature/,
    ),
    invalid("an unknown key id", await signWith(stranger, ours()), /signature/),
    ...both,
    apiKey("a publishable key", "Bearer sb_publishable_x"),
    apiKey("a secret key", "Bearer sb_secret_x"),
    apiKey("a legacy anon key", await legacy("anon")),
    apiKey("a legacy service_role key", await legacy("service_role")),
  ];
}

function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}

function unsigned(payload: object, header: object): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part(header)}.${part(payload)}.`;
}
