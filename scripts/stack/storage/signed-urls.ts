import { createHash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { refusals } from "./storage-error.ts";

const claimsSchema = z.object({
  /** `{bucket}/{name}` */
  url: z.string(),
  purpose: z.enum(["download", "upload"]),
  owner: z.string().nullish(),
  upsert: z.boolean().nullish(),
});

/** What a signed URL allows: a download, or one upload as the person who signed it. */
export type SignedClaims = z.infer<typeof claimsSchema>;

/** Signs URLs, and verifies the tokens in them. */
export interface UrlSigner {
  /** @param seconds For how long it is valid. */
  sign(claims: SignedClaims, seconds: number): Promise<string>;
  /** @throws {StorageError} 400 for a token that is expired, forged, or one of another URL. */
  verify(
    token: string | null,
    url: string,
    purpose: SignedClaims["purpose"],
  ): Promise<SignedClaims>;
}

/** Makes the signer of a stack. As on the platform, its key is not that of the access tokens. */
export function createUrlSigner(jwtSecret: string): UrlSigner {
  const key = createHash("sha256").update(`storage urls\n${jwtSecret}`).digest();
  return {
    sign: (claims, seconds) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(key),
    async verify(token, url, purpose) {
      const claims = claimsSchema.safeParse(await read(token, key)).data;
      if (claims?.url !== url || claims.purpose !== purpose) {
        throw refusals.invalidJwt("The token does not belong to this URL");
      }
      return claims;
    },
  };
}

async function read(token: string | null, key: Uint8Array): Promise<unknown> {
  try {
    return (await jwtVerify(token ?? "", key, { algorithms: ["HS256"] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw refusals.invalidJwt(error.message);
    throw error;
  }
}
