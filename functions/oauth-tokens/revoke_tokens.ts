import { allowInsecureRequests, customFetch, revocationRequest } from "oauth4webapi";
import type { GuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { type Authentication, oauthClient } from "./client_authentication.ts";
import type { Tokens } from "./token_answer.ts";

/** Where the tokens of a deleted connection are revoked. */
export interface RevocationTarget {
  provider: string;
  revocation_endpoint: string;
  client_authentication: Authentication;
}

/**
 * Revokes tokens at their provider (RFC 7009): the refresh token, with which providers end the whole
 * sign-in, or else the access token.
 *
 * @returns The provider's status.
 * @throws {ApiError} 503 for a provider that is not configured.
 */
export type RevokeTokens = (target: RevocationTarget, tokens: Tokens) => Promise<number>;

/** @param variables Where the client's id and secret are looked up. */
export function createRevokeTokens(
  { fetch, variables }: { fetch: GuardedFetch; variables: ReadonlyMap<string, string> },
): RevokeTokens {
  return async (target, tokens) => {
    const client = oauthClient(target.provider, target.client_authentication, variables);
    const endpoint = new URL(target.revocation_endpoint);
    const hint = tokens.refresh_token === null ? "access_token" : "refresh_token";
    const response = await revocationRequest(
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
    await response.body?.cancel();
    return response.status;
  };
}
