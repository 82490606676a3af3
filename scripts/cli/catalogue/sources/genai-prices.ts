import { z } from "zod";
import { shiftDecimal } from "../decimal.ts";
import { defined, type ListedPrice, type ListedService, type ListFormat } from "../price-list.ts";

/** Vendors of the list whose services are called under the names that it has. */
const vendors: Record<string, string> = {
  anthropic: "anthropic",
  azure: "azure_openai",
  cohere: "cohere",
  google: "google_ai",
  openai: "openai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  together: "together_ai",
};

const rateSchema = z.union([
  z.number(),
  z.object({
    base: z.number(),
    tiers: z.array(z.object({ start: z.number(), price: z.number() })),
  }),
]);
const pricesSchema = z.record(z.string(), rateSchema);
const datedSchema = z.object({
  constraint: z.object({ type: z.string(), start_date: z.string().optional() }).nullish(),
  prices: pricesSchema,
});
const matchSchema = z.looseObject({
  equals: z.string().optional(),
  or: z.array(z.looseObject({ equals: z.string().optional() })).optional(),
});
const modelSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  match: matchSchema,
  context_window: z.number().nullish(),
  prices: z.union([z.array(datedSchema), pricesSchema]),
});
const listSchema = z.array(z.object({ id: z.string(), models: z.array(modelSchema) }));

type Dated = z.infer<typeof datedSchema>;
type Rate = z.infer<typeof rateSchema>;

/** Rates of ours by the names of the list. */
const rates = {
  input_mtok: "input_rate",
  cache_read_mtok: "cached_input_rate",
  cache_write_mtok: "cache_write_rate",
  cache_write_1h_mtok: "cache_write_1h_rate",
  output_mtok: "output_rate",
  output_reasoning_mtok: "reasoning_rate",
} as const;

/** github.com/pydantic/genai-prices, which has the days on which prices begin. */
export const genaiPrices: ListFormat = { name: "genai-prices", url: null, read };

function read(published: unknown): ListedService[] {
  return listSchema.parse(published).flatMap(({ id, models }) => {
    const vendorId = vendors[id];
    return vendorId === undefined ? [] : models.flatMap((model) => service(vendorId, model));
  });
}

function service(vendorId: string, model: z.infer<typeof modelSchema>): ListedService[] {
  const dated = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  // A price for certain hours of the day cannot be expressed here.
  if (dated.some(({ constraint }) => constraint && constraint.type !== "start_date")) return [];
  const prices = dated.flatMap(pricesOf);
  if (prices.length === 0) return [];
  const names = [model.match, ...model.match.or ?? []].flatMap(({ equals }) => equals ?? []);
  return [defined({
    vendor_id: vendorId,
    service_name: model.id,
    display_name: model.name ?? undefined,
    context_window: model.context_window ?? undefined,
    aliases: names.filter((name) => name !== model.id && plain(name) === plain(model.id)),
    prices,
  })];
}

/**
 * A name without its date, and with hyphens for dots. Names that differ in more belong to other
 * models of the same price.
 */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(".", "-")
    .replace(/-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest)$/, "");
}

/** One price for each number of tokens at which a rate changes. */
function pricesOf({ constraint, prices }: Dated): ListedPrice[] {
  const known = Object.entries(rates).flatMap(([name, rate]) => {
    const listed = prices[name];
    return listed === undefined ? [] : [{ rate, listed }];
  });
  const perCall = prices["requests_kcount"];
  if (known.length === 0 && perCall === undefined) return [];
  const starts = known.flatMap(({ listed }) =>
    typeof listed === "number" ? [] : listed.tiers.map(({ start }) => start)
  );
  // The list's tiers begin above their number, those of service_prices at it.
  return [...new Set([-1, ...starts])].map((start) =>
    defined({
      valid_from: constraint?.start_date,
      min_input_tokens: start + 1,
      ...Object.fromEntries(known.map(({ rate, listed }) => [rate, String(above(listed, start))])),
      request_rate: typeof perCall === "number" ? shiftDecimal(String(perCall), -3) : undefined,
    })
  );
}

function above(rate: Rate, start: number): number {
  if (typeof rate === "number") return rate;
  const reached = rate.tiers.filter((tier) => tier.start <= start);
  return reached.sort((a, b) => b.start - a.start)[0]?.price ?? rate.base;
}
