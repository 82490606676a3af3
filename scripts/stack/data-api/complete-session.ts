import { decodeJwt, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

const userSchema = z.looseObject({
  app_metadata: z.record(z.string(), z.unknown()).default({}),
  user_metadata: z.record(z.string(), z.unknown()).default({}),
  phone: z.string().nullish(),
  is_anonymous: z.boolean().nullish(),
});

const sessionSchema = z.looseObject({ access_token: z.string(), user: userSchema });

/** Who signs, and with what. */
export interface SigningOptions {
  /** The `iss` claim. */
  issuer: string;
  jwtSecret: string;
  /** Asks the Auth API, as the holder of this token, who the holder is. */
  readUser(token: string): Promise<Response>;
}

/**
 * Gives the access token in an answer of the Auth API the claims that the hosted platform puts there
 * and the local server leaves out: its issuer, the person's metadata and the level of assurance.
 * Functions and policies can then rely on them here as there. The token is in the body of an answer, or
 * in the fragment to which the link of an e-mail redirects.
 *
 * Any other answer comes back as it is.
 */
export async function completeSession(
  response: Response,
  options: SigningOptions,
): Promise<Response> {
  const target = response.headers.get("location");
  if (target?.includes("#access_token=")) return await completeLink(response, target, options);
  if (!response.ok || !response.headers.get("content-type")?.includes("application/json")) {
    return response;
  }
  const body: unknown = await response.clone().json().catch(() => null);
  const session = sessionSchema.safeParse(body);
  if (!session.success) return response;

  const { access_token: token, user } = session.data;
  const completed = await completeToken(token, user, options);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify({ ...session.data, access_token: completed }), {
    status: response.status,
    headers,
  });
}

async function completeLink(
  response: Response,
  target: string,
  options: SigningOptions,
): Promise<Response> {
  const [page, fragment] = target.split("#");
  const session = new URLSearchParams(fragment);
  const token = session.get("access_token") ?? "";
  const user = userSchema.parse(await (await options.readUser(token)).json());
  session.set("access_token", await completeToken(token, user, options));
  const headers = new Headers(response.headers);
  headers.set("location", `${page}#${session}`);
  return new Response(null, { status: response.status, headers });
}

async function completeToken(
  token: string,
  user: z.infer<typeof userSchema>,
  { issuer, jwtSecret }: SigningOptions,
): Promise<string> {
  const key = new TextEncoder().encode(jwtSecret);
  await jwtVerify(token, key, { algorithms: ["HS256"] });
  return await new SignJWT({
    ...decodeJwt(token),
    iss: issuer,
    phone: user.phone ?? "",
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    aal: "aal1",
    is_anonymous: user.is_anonymous ?? false,
  }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
}
