import { type ClientAuth, ClientSecretPost, None } from "oauth4webapi";
import { ApiError } from "../_shared/core/errors.ts";

/** How the client of a provider authenticates: `oauth_providers.client_authentication`. */
export type Authentication = "post" | "basic" | "basic_plain" | "none";

/** The client that the operator has registered with a provider. */
export interface OAuthClient {
  id: string;
  authenticate: ClientAuth;
}

/** Seconds before a provider that is not configured is tried again. */
export const MISCONFIGURED_REST_S = 30;

/**
 * The client of a provider, from `<PROVIDER>_OAUTH_CLIENT_ID` and `<PROVIDER>_OAUTH_CLIENT_SECRET`.
 *
 * @throws {ApiError} 503 `oauth_provider_not_configured`.
 */
export function oauthClient(
  provider: string,
  style: Authentication,
  variables: ReadonlyMap<string, string>,
): OAuthClient {
  const prefix = `${provider.toUpperCase()}_OAUTH_CLIENT`;
  const variable = (name: string): string => {
    const value = variables.get(name);
    if (value) return value;
    throw new ApiError(
      "oauth_provider_not_configured",
      `Cannot refresh the tokens of "${provider}": it is not configured. The operator must set the function secret ${name}.`,
      { headers: { "retry-after": String(MISCONFIGURED_REST_S) } },
    );
  };
  const id = variable(`${prefix}_ID`);
  if (style === "none") return { id, authenticate: None() };
  const secret = variable(`${prefix}_SECRET`);
  if (style === "post") return { id, authenticate: ClientSecretPost(secret) };
  const encode = style === "basic" ? formEncode : (text: string) => text;
  return { id, authenticate: basic(encode(id), encode(secret)) };
}

/** RFC 6749, section 2.3.1: the credentials are form-encoded before they are joined. */
function basic(id: string, secret: string): ClientAuth {
  const credentials = new TextEncoder().encode(`${id}:${secret}`).toBase64();
  return (_server, _client, _body, headers) => headers.set("authorization", `Basic ${credentials}`);
}

/**
 * As the URL standard encodes forms: `-`, `_` and `.` stay, so that providers that compare without
 * decoding accept ids and secrets made of these and of letters and digits.
 */
function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1).replaceAll("%7E", "~");
}
