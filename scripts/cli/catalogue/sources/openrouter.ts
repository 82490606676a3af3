import { z } from "zod";
import { perMillion } from "../decimal.ts";
import {
  amountSchema,
  defined,
  type ListedPrice,
  type ListedService,
  type ListFormat,
  tokensSchema,
} from "../price-list.ts";

const pricingSchema = z.object({
  prompt: amountSchema.optional(),
  completion: amountSchema.optional(),
  request: amountSchema.optional(),
  input_cache_read: amountSchema.optional(),
  input_cache_write: amountSchema.optional(),
  input_cache_write_1h: amountSchema.optional(),
  internal_reasoning: amountSchema.optional(),
});
const listSchema = z.object({
  data: z.array(z.object({
    id: z.string(),
    canonical_slug: z.string().nullish(),
    name: z.string().optional(),
    context_length: tokensSchema,
    architecture: z.object({ output_modalities: z.array(z.string()).optional() }).nullish(),
    pricing: pricingSchema.extend({
      overrides: z.array(pricingSchema.extend({ min_prompt_tokens: z.number().nullish() }))
        .nullish(),
    }),
    top_provider: z.object({ max_completion_tokens: tokensSchema }).nullish(),
    expiration_date: z.string().nullish(),
  })),
});

type Model = z.infer<typeof listSchema>["data"][number];
type Pricing = z.infer<typeof pricingSchema>;

/** OpenRouter's own list: dollars per token as text. */
export const openrouter: ListFormat = {
  name: "openrouter",
  url: "https://openrouter.ai/api/v1/models",
  read(published) {
    return listSchema.parse(published).data.filter(isPriced).map(serviceOf);
  },
};

/** Excludes aliases that move between models, and routers, whose price is -1. */
function isPriced({ id, pricing }: Model): boolean {
  return !id.startsWith("~") && pricing.prompt !== "-1" && pricing.prompt !== undefined;
}

function serviceOf(model: Model): ListedService {
  const output = model.architecture?.output_modalities ?? ["text"];
  const most = model.top_provider?.max_completion_tokens;
  const window = model.context_length;
  const tiers = (model.pricing.overrides ?? []).flatMap(({ min_prompt_tokens: from, ...pricing }) =>
    // One without a length applies to hours of the day, which cannot be expressed here.
    from == null ? [] : [priceOf({ ...model.pricing, ...pricing }, from + 1)]
  );
  return defined({
    vendor_id: "openrouter",
    service_name: model.id,
    display_name: model.name?.replace(/^[^:]{1,40}: /, ""),
    service_kind: output.includes("text") ? "chat" : output.includes("image") ? "image" : "chat",
    context_window: window,
    // OpenRouter lists nine tenths of the window if the limit is unknown.
    max_output_tokens: window !== undefined && most === Math.floor(window * 0.9) ? undefined : most,
    retired_on: model.expiration_date?.slice(0, 10),
    aliases: model.canonical_slug && model.canonical_slug !== model.id
      ? [model.canonical_slug]
      : undefined,
    prices: [priceOf(model.pricing, 0), ...tiers],
  });
}

function priceOf(pricing: Pricing, from: number): ListedPrice {
  const rate = (amount: string | undefined) =>
    amount === undefined ? undefined : perMillion(amount);
  return defined({
    min_input_tokens: from,
    input_rate: rate(pricing.prompt),
    output_rate: rate(pricing.completion),
    cached_input_rate: rate(pricing.input_cache_read),
    cache_write_rate: rate(pricing.input_cache_write),
    cache_write_1h_rate: rate(pricing.input_cache_write_1h),
    // The list has 0 where reasoning costs what other output does.
    reasoning_rate: Number(pricing.internal_reasoning ?? 0) === 0
      ? undefined
      : rate(pricing.internal_reasoning),
    request_rate: pricing.request === undefined || Number(pricing.request) === 0
      ? undefined
      : pricing.request,
  });
}
