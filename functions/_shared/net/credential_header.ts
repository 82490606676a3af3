/** How a credential is sent to a vendor. */
export interface CredentialRule {
  /** The name of the header. */
  auth_header: string;
  /** The scheme before the secret, such as `Bearer`. */
  auth_scheme?: string | null | undefined;
  /** The format of its API. */
  api_format?: string | undefined;
}

/** Headers that the APIs of a format require with every call. */
const REQUIRED: Readonly<Record<string, Record<string, string>>> = {
  anthropic: { "anthropic-version": "2023-06-01" },
};

/** The headers that authenticate a call to a vendor, with those that its API format requires. */
export function credentialHeader(
  { auth_header, auth_scheme, api_format }: CredentialRule,
  secret: string,
): Record<string, string> {
  const required = Object.entries(REQUIRED).find(([format]) => format === api_format)?.[1];
  return { ...required, [auth_header]: auth_scheme ? `${auth_scheme} ${secret}` : secret };
}
