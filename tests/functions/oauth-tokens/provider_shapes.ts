import type { Authentication } from "../../../functions/oauth-tokens/client_authentication.ts";

/** The result of an exchange, before a provider formats it. */
export interface Issued {
  access_token: string;
  refresh_token: string;
  scope: string;
}

/** The answers of a provider, as far as they differ from RFC 6749. */
export interface Shape {
  authentication?: Authentication;
  /** Whether each exchange replaces the refresh token. */
  rotates?: boolean;
  /** The assumed lifetime of an access token in seconds, if the answer does not state it. */
  defaultLifetime?: number;
  /** The answer of a token endpoint. */
  answer?: (issued: Issued) => object;
  /** The refusal of a refresh token that is no longer valid. */
  refusal?: () => Response;
}

const HOUR = { token_type: "Bearer", expires_in: 3600 };
const json = (status: number, body: object) => () => Response.json(body, { status });

/** As RFC 6749 has it, without rotation: an exchange answers without a refresh token. */
const plain = ({ access_token, scope }: Issued) => ({ ...HOUR, access_token, scope });
/** With rotation. */
const rotating = (issued: Issued) => ({ ...HOUR, ...issued });

/** The providers of the catalogue, and variations that other providers have. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  "Atlassian": {
    rotates: true,
    refusal: json(403, {
      error: "unauthorized_client",
      error_description: "refresh_token is invalid",
    }),
  },
  "GitHub": {
    rotates: true,
    answer: (issued) => ({ ...rotating(issued), scope: "", refresh_token_expires_in: 15_897_600 }),
    refusal: json(200, { error: "bad_refresh_token", error_description: "It is incorrect." }),
  },
  "GitLab": {
    rotates: true,
    answer: (issued) => ({ ...rotating(issued), created_at: 1_700_000_000 }),
  },
  "Google": { answer: (issued) => ({ ...plain(issued), id_token: "a.b.c" }) },
  "Linear": {
    rotates: true,
    answer: (issued) => ({ ...rotating(issued), scope: issued.scope.split(" ") }),
  },
  "Microsoft": {
    rotates: true,
    answer: (issued) => ({ ...rotating(issued), expires_in: "3600", ext_expires_in: "3600" }),
  },
  "Notion": {
    authentication: "basic",
    rotates: true,
    answer: ({ access_token, refresh_token }) => ({
      ...{ access_token, refresh_token, token_type: "bearer" },
      ...{ workspace_id: "w", owner: { type: "user", user: { id: "u" } } },
    }),
  },
  "Salesforce": {
    defaultLifetime: 7200,
    answer: ({ access_token, scope }) => ({
      ...{ access_token, scope, token_type: "Bearer" },
      ...{ instance_url: "https://x.test", id: "https://x.test/id/1", issued_at: "1700000000000" },
    }),
    refusal: json(400, {
      error: "invalid_grant",
      error_description: "expired access/refresh token",
    }),
  },
  "Slack": {
    rotates: true,
    answer: (issued) => ({ ok: true, ...rotating(issued), team: { id: "T" } }),
    refusal: json(200, { ok: false, error: "invalid_refresh_token" }),
  },
  "a lifetime of zero": {
    defaultLifetime: 3600,
    answer: (issued) => ({ ...plain(issued), expires_in: 0 }),
  },
  "no lifetime at all": {
    answer: ({ access_token, scope }) => ({ access_token, scope, token_type: "bearer" }),
  },
  "a lifetime of 20 years": { answer: (issued) => ({ ...plain(issued), expires_in: 631_138_518 }) },
  "an empty refresh token": { answer: (issued) => ({ ...plain(issued), refresh_token: "" }) },
  "tokens inside authed_user": {
    rotates: true,
    answer: (issued) => ({ ok: true, authed_user: rotating(issued) }),
    refusal: json(200, { ok: false, error: "token_revoked" }),
  },
  "a nested error": {
    refusal: json(400, { error: { code: "invalid_grant", message: "revoked" } }),
  },
  "an error in capitals": { refusal: json(400, { error: "INVALID_GRANT" }) },
  "a status for an error": { refusal: json(400, { status: "BAD_REFRESH_TOKEN" }) },
  "a form for an error": {
    refusal: () => new Response("error=invalid_grant&error_description=x", { status: 400 }),
  },
  "OpenID's errors": { refusal: json(400, { error: "consent_required" }) },
};

/** The answer to an exchange. */
export function answerOf(shape: Shape, issued: Issued): object {
  return (shape.answer ?? (shape.rotates ? rotating : plain))(issued);
}

/** The refusal of a refresh token. */
export function refusalOf(shape: Shape): Response {
  return (shape.refusal ?? json(400, { error: "invalid_grant" }))();
}
