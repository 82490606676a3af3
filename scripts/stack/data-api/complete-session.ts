import { decodeJwt, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

const sessionSchema = z.looseObject({
  access_token: z.string(),
  user: z.looseObject({
    app_metadata: z.record(z.string(), z.unknown()).default({}),
    user_metadata: z.record(z.string(), z.unknown()).default({}),
    phone: z.string().nullish(),
    is_anonymous: z.boolean().nullish(),
  }),
});

/** Who signs, and with what. */
export interface SigningOptions {
  /** The `iss` claim. */
  issuer: string;
  jwtSecret: string;
}

/**
 * Gives the access token in an answer of the Auth API the claims that the hosted platform puts there
 * and the local server leaves out: its issuer, the person's metadata and the level of assurance.
 * Functions and policies can then rely on them here as there.
 *
 * Any other answer comes back as it is.
 */
export async function completeSession(
  response: Response,
  options: SigningOptions,
): Promise<Response> {
  if (!response.ok || !response.headers.get("content-type")?.includes("application/json")) {
    return response;
  }
  const body: unknown = await response.clone().json().catch(() => null);
  const session = sessionSchema.safeParse(body);
  if (!session.success) return response;

  const key = new TextEncoder().encode(options.jwtSecret);
  const { access_token: token, user } = session.data;
  await jwtVerify(token, key, { algorithms: ["HS256"] });
  const completed = await new SignJWT({
    ...decodeJwt(token),
    iss: options.issuer,
    phone: user.phone ?? "",
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    aal: "aal1",
    is_anonymous: user.is_anonymous ?? false,
  }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);

  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify({ ...session.data, access_token: completed }), {
    status: response.status,
    headers,
  });
}
