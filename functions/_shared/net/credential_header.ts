/** How a vendor is told a credential. */
export interface CredentialRule {
  /** The name of the header. */
  auth_header: string;
  /** What precedes the secret, such as `Bearer`. */
  auth_scheme?: string | null | undefined;
}

/** The header that carries a credential to its vendor. */
export function credentialHeader(
  { auth_header, auth_scheme }: CredentialRule,
  secret: string,
): Record<string, string> {
  return { [auth_header]: auth_scheme ? `${auth_scheme} ${secret}` : secret };
}
