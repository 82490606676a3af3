import { SignJWT } from "jose";

/** An access token as the Auth API of a local stack signs it, good for two hours. */
export function accessToken(options: {
  apiUrl: string;
  jwtSecret: string;
  userId: string;
}): Promise<string> {
  return new SignJWT({ role: "authenticated" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(`${options.apiUrl}/auth/v1`)
    .setAudience("authenticated")
    .setSubject(options.userId)
    .setIssuedAt()
    .setExpirationTime("2h")
    .sign(new TextEncoder().encode(options.jwtSecret));
}
