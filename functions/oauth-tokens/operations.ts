import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";
import { connectionSchema } from "./db.ts";
import { refreshRequestSchema, storeRequestSchema } from "./schema.ts";
import { accessTokenSchema } from "./token_cache.ts";

/** The operations of the function `oauth-tokens`. */
export const operations = {
  list: {
    method: "GET",
    path: "/oauth-tokens",
    summary: "List OAuth providers and the state of the caller's connection to each",
    audience: "person",
    answers: {
      status: 200,
      schema: z.object({ object: z.literal("list"), data: z.array(connectionSchema) }),
    },
    errors: [],
  },
  store: {
    method: "POST",
    path: "/oauth-tokens",
    summary: "Store the answer of a provider's token endpoint",
    audience: "person",
    body: { schema: storeRequestSchema, maxBytes: 64 * 1024 },
    answers: {
      status: 201,
      schema: connectionSchema.omit({ name: true }).extend({
        account_id: z.string().nullable()
          .describe("The account at the provider; null where it is not known."),
        account_changed: z.boolean().describe(
          "Whether the tokens before were of another account: then nothing of them is kept.",
        ),
      }),
    },
    errors: ["oauth_provider_not_found", "oauth_tokens_busy"],
  },
  fetch: {
    method: "GET",
    path: "/oauth-tokens/{provider}",
    summary: "Get a valid access token, refreshed where it is about to expire",
    audience: "person",
    answers: { status: 200, schema: accessTokenSchema },
    errors: [
      "oauth_token_not_found",
      "needs_reauth",
      "oauth_provider_not_configured",
      "oauth_provider_unavailable",
    ],
  },
  refresh: {
    method: "POST",
    path: "/oauth-tokens/{provider}/refresh",
    summary: "Replace an access token that the provider's API refused with 401",
    audience: "person",
    body: { schema: refreshRequestSchema, maxBytes: 64 * 1024 },
    answers: { status: 200, schema: accessTokenSchema },
    errors: [
      "oauth_token_not_found",
      "needs_reauth",
      "oauth_provider_not_configured",
      "oauth_provider_unavailable",
    ],
  },
  remove: {
    method: "DELETE",
    path: "/oauth-tokens/{provider}",
    summary: "Delete the caller's stored tokens of a provider, and revoke them there",
    audience: "person",
    answers: {
      status: 200,
      schema: z.object({ provider: z.string(), deleted: z.literal(true) }),
    },
    errors: ["oauth_token_not_found"],
  },
} satisfies Operations;
