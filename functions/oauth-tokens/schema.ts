import { z } from "zod";
import { flatten, tokenAnswerSchema } from "./token_answer.ts";

/** Name of a provider: `oauth_providers.id`. */
export const PROVIDER = /^[a-z][a-z0-9_]{0,49}$/;

const provider = z.string().regex(PROVIDER, "expected the id of a provider, such as google");

const storeSchema = tokenAnswerSchema.extend({
  access_token: tokenAnswerSchema.shape.access_token
    .describe("Required, here or in a field that is an object, as `authed_user` of Slack."),
  provider,
  account_id: z.json().optional()
    .describe("The account at the provider, where its answer does not tell: its user id."),
}).loose();

/** A token endpoint's answer, with the provider that gave it. */
export const storeRequestSchema = storeSchema.partial({ access_token: true })
  .transform(({ provider, ...answer }) => ({ ...flatten(answer), provider }))
  .pipe(storeSchema);

/** A token that the provider's API refused. */
export const refreshRequestSchema = z.object({
  /** The access token that met a 401. */
  rejected: z.string().min(1).max(16 * 1024),
});
