import { z } from "zod";
import {
  amountSchema,
  defined,
  type ListedPrice,
  type ListedService,
  type ListFormat,
  tokensSchema,
} from "../price-list.ts";

const vendors: Record<string, string> = {
  anthropic: "anthropic",
  azure: "azure_openai",
  cohere: "cohere",
  google: "google_ai",
  huggingface: "huggingface",
  openai: "openai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  togetherai: "together_ai",
};

const costSchema = z.object({
  input: amountSchema.optional(),
  output: amountSchema.optional(),
  cache_read: amountSchema.optional(),
  cache_write: amountSchema.optional(),
  reasoning: amountSchema.optional(),
});
const modelSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  cost: costSchema.extend({
    tiers: z.array(
      costSchema.extend({ tier: z.object({ type: z.string().optional(), size: z.number() }) }),
    ).optional(),
    context_over_200k: costSchema.optional(),
  }).optional(),
  limit: z.object({ context: tokensSchema, output: tokensSchema }).optional(),
  modalities: z.object({ output: z.array(z.string()) }).optional(),
});
const listSchema = z.record(
  z.string(),
  z.object({ id: z.string(), models: z.record(z.string(), modelSchema) }),
);

type Cost = z.infer<typeof costSchema>;

/** models.dev: dollars per million tokens, by vendor. */
export const modelsDev: ListFormat = {
  name: "models.dev",
  url: "https://models.dev/api.json",
  read(published) {
    return Object.values(listSchema.parse(published)).flatMap(({ id, models }) => {
      const vendorId = vendors[id];
      return vendorId === undefined
        ? []
        : Object.values(models).flatMap((model) => serviceOf(vendorId, model));
    });
  },
};

function serviceOf(vendorId: string, model: z.infer<typeof modelSchema>): ListedService[] {
  const { cost, limit, modalities } = model;
  if (cost === undefined) return [];
  const over = cost.context_over_200k;
  const tiers = cost.tiers ??
    (over === undefined ? [] : [{ ...over, tier: { size: 200_000 } }]);
  return [defined({
    vendor_id: vendorId,
    service_name: model.id,
    display_name: model.name,
    service_kind: kindOf(modalities?.output ?? []),
    context_window: limit?.context,
    max_output_tokens: limit?.output,
    prices: [
      priceOf(cost, 0),
      // A tier begins above its size.
      ...tiers.filter(({ tier }) => (tier.type ?? "context") === "context")
        .map((tier) => priceOf(tier, tier.tier.size + 1)),
    ],
  })];
}

function kindOf(output: readonly string[]): string {
  if (output.includes("text")) return "chat";
  return output.includes("audio") ? "speech" : output.includes("image") ? "image" : "chat";
}

function priceOf(cost: Cost, from: number): ListedPrice {
  return defined({
    min_input_tokens: from,
    input_rate: cost.input ?? "0",
    output_rate: cost.output ?? "0",
    // Some tools write 0 for a rate that does not exist: cached tokens would be free.
    cached_input_rate: knownRate(cost.cache_read),
    cache_write_rate: knownRate(cost.cache_write),
    reasoning_rate: knownRate(cost.reasoning),
  });
}

function knownRate(rate: string | undefined): string | undefined {
  return rate === undefined || Number(rate) === 0 ? undefined : rate;
}
