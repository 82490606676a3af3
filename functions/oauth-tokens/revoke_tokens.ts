import { allowInsecureRequests, customFetch, revocationRequest } from "oauth4webapi";
import type { GuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { oauthClient } from "./client_authentication.ts";
import type { RefreshTarget, RefreshTokens } from "./refresh_tokens.ts";
import type { Tokens } from "./token_answer.ts";

/** The endpoint that revokes the tokens of a deleted connection. */
export interface RevocationTarget extends RefreshTarget {
  /** `{client_id}` in it stands for the client's id. */
  revocation_endpoint: string;
  revocation_style: RevocationStyle;
}

/** How a provider wants tokens revoked: `oauth_providers.revocation_style`. */
export type RevocationStyle = "form" | "github";

/**
 * Revokes tokens at their provider: the refresh token, with which providers end the whole sign-in,
 * or else the access token.
 *
 * @returns The provider's status.
 * @throws {ApiError} 503 for a provider that is not configured.
 * @throws {RefreshRefusedError} The token had to be refreshed first, and the provider refused: the
 * sign-in has already ended.
 */
export type RevokeTokens = (target: RevocationTarget, tokens: Tokens) => Promise<number>;

/** Options of revocation: `variables` hold the client's id and secret. */
interface RevokeOptions {
  fetch: GuardedFetch;
  refresh: RefreshTokens;
  variables: ReadonlyMap<string, string>;
}

/** Makes the revocation of tokens. */
export function createRevokeTokens(options: RevokeOptions): RevokeTokens {
  const styles = { form: revokeByForm, github: revokeByDeletion };
  return async (target, tokens) => {
    const response = await styles[target.revocation_style](target, tokens, options);
    await response.body?.cancel();
    return response.status;
  };
}

/** As RFC 7009 has it. */
async function revokeByForm(
  target: RevocationTarget,
  tokens: Tokens,
  { fetch, variables }: RevokeOptions,
): Promise<Response> {
  const client = oauthClient(target.provider, target.client_authentication, variables);
  const endpoint = endpointOf(target, client.id);
  const hint = tokens.refresh_token === null ? "access_token" : "refresh_token";
  return await revocationRequest(
    { issuer: endpoint.origin, revocation_endpoint: endpoint.href },
    { client_id: client.id },
    client.authenticate,
    tokens.refresh_token ?? tokens.access_token,
    {
      additionalParameters: { token_type_hint: hint },
      [allowInsecureRequests]: endpoint.protocol === "http:",
      [customFetch]: (url, { method, headers, body }) => fetch(url, { method, headers, body }),
    },
  );
}

/**
 * For GitHub: `DELETE /applications/{client_id}/grant`, which ends the refresh token too. The
 * access token proves whose grant it is, so one that has expired is refreshed first
 * (docs.github.com, "Delete an app authorization", API 2022-11-28).
 */
async function revokeByDeletion(
  target: RevocationTarget,
  tokens: Tokens,
  options: RevokeOptions,
): Promise<Response> {
  const response = await deleteGrant(target, tokens.access_token, options);
  // A failure of GitHub, or its rate limit, says nothing about the token.
  const isAboutToken = response.status === 404 || response.status === 422;
  if (!isAboutToken || tokens.refresh_token === null) return response;
  await response.body?.cancel();
  const renewed = await options.refresh(target, tokens);
  return await deleteGrant(target, renewed.tokens.access_token, options);
}

/** Sends an access token as JSON, with the client's id and secret in a Basic header. */
async function deleteGrant(
  target: RevocationTarget,
  access_token: string,
  { fetch, variables }: RevokeOptions,
): Promise<Response> {
  const client = oauthClient(target.provider, "basic_plain", variables);
  const endpoint = endpointOf(target, client.id);
  const headers = new Headers({
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "Agentbase",
  });
  const server = { issuer: endpoint.origin };
  await client.authenticate(server, { client_id: client.id }, new URLSearchParams(), headers);
  return await fetch(endpoint.href, {
    method: "DELETE",
    headers: Object.fromEntries(headers),
    body: JSON.stringify({ access_token }),
  });
}

function endpointOf({ revocation_endpoint }: RevocationTarget, clientId: string): URL {
  return new URL(revocation_endpoint.replace("{client_id}", encodeURIComponent(clientId)));
}
