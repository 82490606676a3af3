import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from "jose";

/** A key pair of an issuer. */
export interface SigningKey {
  kid: string;
  privateKey: GenerateKeyPairResult["privateKey"];
  publicJwk: JWK;
}

/** Makes a key pair, of ES256 unless another algorithm is named. */
export async function makeKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...await exportJWK(publicKey), kid, alg, use: "sig" };
  return { kid, privateKey, publicJwk };
}

/** Where an issuer publishes its keys. */
export interface KeyServer extends AsyncDisposable {
  url: string;
  /** The keys that it publishes from now on. */
  publish(...keys: SigningKey[]): void;
  /** Responds to every request with this status from now on. */
  fail(status: number): void;
  /** The number of requests for the keys. */
  readonly requests: number;
}

/** Starts a server of keys on a loopback port. */
export function startKeyServer(...keys: SigningKey[]): KeyServer {
  let published = keys;
  let status = 200;
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    requests++;
    if (status !== 200) return new Response("down", { status });
    return Response.json({ keys: published.map(({ publicJwk }) => publicJwk) });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/auth/v1/.well-known/jwks.json`,
    publish: (...next) => {
      published = next;
    },
    fail: (next) => {
      status = next;
    },
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Issuer, audience and subject of a valid token. */
export const ISSUER = "http://127.0.0.1:54321/auth/v1";
export const SUBJECT = "00000000-0000-4000-8000-00000000000a";

/** The claims of a valid token, of which a test can change or remove (undefined) some. */
export function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: ISSUER,
    aud: "authenticated",
    sub: SUBJECT,
    role: "authenticated",
    // Like the platform's session_id: no two sign-ins have the same token.
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 3600,
    ...changes,
  };
}

/** Signs claims with an issuer's key of any algorithm. */
export function signWith(key: SigningKey, payload = claims()): Promise<string> {
  const { alg = "" } = key.publicJwk;
  return new SignJWT(payload).setProtectedHeader({ alg, kid: key.kid, typ: "JWT" })
    .sign(key.privateKey);
}

/** Signs claims with a shared secret. */
export function signHS256(secret: string, payload = claims(), kid?: string): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({
    alg: "HS256",
    typ: "JWT",
    ...(kid ? { kid } : {}),
  })
    .sign(new TextEncoder().encode(secret));
}
