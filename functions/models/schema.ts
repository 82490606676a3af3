import { z } from "zod";
import { rateLimitStateSchema } from "../_shared/http/rate_limit_headers.ts";
import { planLimitsSchema } from "../_shared/rate_limit/plan.ts";

const chatModelSchema = z.object({
  id: z.string(),
  agent: z.string(),
  model: z.string(),
  display_name: z.string().nullish(),
  provider: z.string().nullish(),
  /** Seconds since the epoch. */
  created: z.int(),
});

/** The models that the caller may use, as `list_chat_models` returns them. */
export const listedModelsSchema = z.object({
  models: z.array(chatModelSchema),
  /** Who asked; of an access key the owner. */
  caller: z.object({ user_id: z.string(), access_key_id: z.string().nullish() }).nullish(),
  limits: planLimitsSchema.nullish().catch(null),
  rate_limit: rateLimitStateSchema.nullish().catch(null),
});

/** A model that the caller may use. */
export type ChatModel = z.infer<typeof chatModelSchema>;

/** The models that the caller may use, and the caller's limits where they were counted. */
export type ListedModels = z.infer<typeof listedModelsSchema>;
