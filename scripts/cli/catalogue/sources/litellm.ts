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

const vendors: Record<string, string> = {
  anthropic: "anthropic",
  azure: "azure_openai",
  cohere: "cohere",
  cohere_chat: "cohere",
  elevenlabs: "elevenlabs",
  gemini: "google_ai",
  openai: "openai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  replicate: "replicate",
  stability: "stability_ai",
  together_ai: "together_ai",
};

/** Kinds of service by `mode`. Models of other modes have no endpoint here. */
const kinds: Record<string, string> = {
  chat: "chat",
  completion: "chat",
  embedding: "embedding",
  image_generation: "image",
  audio_speech: "speech",
  audio_transcription: "transcription",
  search: "search",
};

const modelSchema = z.looseObject({
  litellm_provider: z.string().optional(),
  mode: z.string().optional(),
  max_input_tokens: tokensSchema,
  max_output_tokens: tokensSchema,
  deprecation_date: z.string().nullish(),
});
const listSchema = z.record(z.string(), modelSchema);

type Model = z.infer<typeof modelSchema>;

/** Fields of the list by the rates that they are, without the suffix of a tier. */
const rates = {
  input_rate: "input_cost_per_token",
  cached_input_rate: "cache_read_input_token_cost",
  cache_write_rate: "cache_creation_input_token_cost",
  cache_write_1h_rate: "cache_creation_input_token_cost_above_1hr",
  output_rate: "output_cost_per_token",
  reasoning_rate: "output_cost_per_reasoning_token",
} as const;

const tiers = { standard: "", priority: "_priority", flex: "_flex", batch: "_batches" } as const;

/** github.com/BerriAI/litellm: prices per token, by a name that may have the vendor before it. */
export const litellm: ListFormat = {
  name: "litellm",
  url:
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
  read(published) {
    const services = new Map<string, ListedService>();
    for (const [key, model] of Object.entries(listSchema.parse(published))) {
      const service = serviceOf(key, model);
      if (service === null) continue;
      const name = `${service.vendor_id}/${service.service_name}`;
      // Many models are listed with their vendor's name before them, and without.
      if (!services.has(name) || !key.includes("/")) services.set(name, service);
    }
    return [...services.values()];
  },
};

function serviceOf(key: string, model: Model): ListedService | null {
  const vendorId = vendors[model.litellm_provider ?? ""];
  const kind = kinds[model.mode ?? ""];
  if (vendorId === undefined || kind === undefined) return null;
  const name = key.replace(
    /^(anthropic|azure|cohere|elevenlabs|gemini|openai|openrouter|perplexity|replicate|stability|together_ai)\//,
    "",
  );
  // A remaining slash belongs to an image's size and quality, or to a region.
  if (name.includes("/") && !["openrouter", "replicate", "together_ai"].includes(vendorId)) {
    return null;
  }
  const prices = pricesOf(model);
  if (prices.length === 0) return null;
  return defined({
    vendor_id: vendorId,
    service_name: name,
    service_kind: kind,
    max_output_tokens: model.max_output_tokens,
    retired_on: model.deprecation_date?.trim() || undefined,
    prices,
  });
}

function pricesOf(model: Model): ListedPrice[] {
  const units = unitRates(model);
  const prices: ListedPrice[] = [];
  for (const [tier, suffix] of Object.entries(tiers)) {
    for (const start of [0, ...startsOf(model)]) {
      const above = start === 0 ? "" : `_above_${start / 1000}k_tokens`;
      const known = ratesOf(model, (field) => `${field}${above}${suffix}`);
      const isBase = start === 0 && tier === "standard";
      if (known.input_rate === undefined && !(isBase && units !== undefined)) continue;
      prices.push(defined({
        // SAFETY: the keys of `tiers` are the tiers of a price.
        service_tier: tier as keyof typeof tiers,
        min_input_tokens: start === 0 ? 0 : start + 1,
        ...known,
        unit_rates: start === 0 ? units : undefined,
      }));
    }
  }
  return prices.some((price) => price.service_tier === "standard") ? prices : [];
}

function ratesOf(model: Model, nameOf: (field: string) => string): Partial<ListedPrice> {
  return Object.fromEntries(
    Object.entries(rates).flatMap(([rate, field]) => {
      const amount = amountSchema.safeParse(model[nameOf(field)]);
      return amount.success ? [[rate, perMillion(amount.data)]] : [];
    }),
  );
}

/** Tokens above which a prompt costs more: of input_cost_per_token_above_200k_tokens 200000. */
function startsOf(model: Model): number[] {
  return Object.keys(model).flatMap((field) => {
    const size = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(field)?.[1];
    return size === undefined ? [] : [Number(size) * 1000];
  });
}

function unitRates(model: Model): Record<string, number> | undefined {
  const listed = {
    character: model["input_cost_per_character"] ?? model["output_cost_per_character"],
    // Both are listed for the same seconds of a recording, which are paid once.
    second: model["input_cost_per_second"] ?? model["output_cost_per_second"],
    image: model["output_cost_per_image"] ?? model["input_cost_per_image"],
  };
  // What reads images has tokens for them; only what is made is paid by the piece.
  if (model.mode !== "image_generation") delete listed.image;
  const known = Object.entries(listed).filter(([, amount]) => typeof amount === "number");
  return known.length === 0 ? undefined : z.record(z.string(), z.number()).parse(
    Object.fromEntries(known),
  );
}
