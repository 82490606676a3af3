import { z } from "zod";

/** A model that the caller may use, as `list_chat_models` returns it. */
export const chatModelsSchema = z.array(z.object({
  id: z.string(),
  agent: z.string(),
  model: z.string(),
  display_name: z.string().nullish(),
  provider: z.string().nullish(),
  /** Seconds since the epoch. */
  created: z.int(),
}));

/** A model that the caller may use. */
export type ChatModel = z.infer<typeof chatModelsSchema>[number];
