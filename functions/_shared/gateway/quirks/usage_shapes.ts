import { z } from "zod";
import type { TurnUsage } from "../settle/outcome.ts";
import { usagesIn } from "./usage_places.ts";

/*
 * Usage comes in OpenAI's form and in Anthropic's, with cached and reasoning tokens inside or
 * beside their totals, and with or without a price (OpenRouter, Perplexity). Recorded from answers
 * of vendors, 21 November 2026. Cached tokens are at the top level with Moonshot (cached_tokens)
 * and DeepSeek (prompt_cache_hit_tokens), by their API references of that day; Cohere's
 * (billed_units) likewise. Counts as text or with decimals come from gateways that compute them.
 *
 * In Gemini's own form, promptTokenCount includes cachedContentTokenCount; candidatesTokenCount
 * excludes thoughtsTokenCount and is absent while the model thinks; toolUsePromptTokenCount is in
 * neither (answers of Gemini 3.6 and 3.7 Flash and Gemma 4 that vercel/ai keeps as fixtures,
 * packages/google, 2026; UsageMetadata in googleapis/js-genai, 30 November 2026).
 */

const LARGEST = 1_000_000_000;

const count = z.preprocess(
  (value) => {
    const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    return typeof number === "number" ? Math.ceil(number) : number;
  },
  z.int().nonnegative().max(LARGEST),
);
const part = count.nullish().catch(0).transform((value) => value ?? 0);
const details = z.looseObject({
  cached_tokens: part,
  cache_write_tokens: part,
  cache_creation_tokens: part,
  reasoning_tokens: part,
  thinking_tokens: part,
}).nullish().catch(null);
const price = z.number().nonnegative().max(LARGEST);

/** Fields that all forms accept: parts of the totals, under each vendor's name. */
const common = {
  prompt_tokens_details: details,
  completion_tokens_details: details,
  input_tokens_details: details,
  output_tokens_details: details,
  cached_tokens: part,
  reasoning_tokens: part,
  prompt_cache_hit_tokens: part,
  cache_read_input_tokens: part,
  cache_creation_input_tokens: part,
  cache_creation: z.looseObject({
    ephemeral_5m_input_tokens: part,
    ephemeral_1h_input_tokens: part,
  }).nullish().catch(null),
  service_tier: z.string().max(40).nullish().catch(null),
  // Some vendors report a cost, their own price in USD; Perplexity as an object with its parts.
  cost: z.union([price, z.object({ total_cost: price }).transform(({ total_cost }) => total_cost)])
    .nullish().catch(null),
};

/** A total. Each is optional, as some vendors send only one of them. */
const total = count.nullish();

/** The part of a sum that is not reported separately. */
function restOf(sum: number | null | undefined, part: number | null | undefined): number {
  return Math.max(0, (sum ?? 0) - (part ?? 0));
}

const openaiForm = z.looseObject({
  ...common,
  prompt_tokens: total,
  completion_tokens: total,
  total_tokens: total.catch(null),
}).refine((usage) => (usage.prompt_tokens ?? usage.completion_tokens) != null)
  .transform(({ prompt_tokens, completion_tokens, ...usage }) => ({
    ...usage,
    prompt_tokens: prompt_tokens ?? restOf(usage.total_tokens, completion_tokens),
    completion_tokens: completion_tokens ?? restOf(usage.total_tokens, prompt_tokens),
  }));

/** Anthropic's own form, in which input tokens never include cached ones. */
const anthropicForm = z.looseObject({ ...common, input_tokens: total, output_tokens: total })
  .refine((usage) => (usage.input_tokens ?? usage.output_tokens) != null)
  .transform(({ input_tokens, output_tokens, ...rest }) => ({
    ...rest,
    prompt_tokens: input_tokens ?? 0,
    completion_tokens: output_tokens ?? 0,
    total_tokens: (input_tokens ?? 0) + (output_tokens ?? 0) + rest.cache_read_input_tokens +
      rest.cache_creation_input_tokens,
  }));

const geminiForm = z.object({
  promptTokenCount: total,
  candidatesTokenCount: total,
  totalTokenCount: total,
  cachedContentTokenCount: total,
  thoughtsTokenCount: total,
  toolUsePromptTokenCount: part,
  serviceTier: common.service_tier,
}).transform((usage): z.input<typeof openaiForm> => ({
  prompt_tokens: usage.promptTokenCount == null
    ? usage.promptTokenCount
    : usage.promptTokenCount + usage.toolUsePromptTokenCount,
  completion_tokens: usage.candidatesTokenCount,
  total_tokens: usage.totalTokenCount,
  cached_tokens: usage.cachedContentTokenCount,
  reasoning_tokens: usage.thoughtsTokenCount,
  service_tier: usage.serviceTier,
})).pipe(openaiForm);

const cohereForm = z.object({ billed_units: anthropicForm })
  .transform(({ billed_units }) => billed_units);

const usageSchema = z.union([openaiForm, anthropicForm, geminiForm, cohereForm]);

/** Usage as an upstream reports it. */
export interface Measured {
  usage: TurnUsage;
  /** The cost that the vendor reports, in USD as decimal text; null for none. */
  cost: string | null;
}

/**
 * Reads an upstream's `usage`.
 *
 * Vendors disagree on whether completion tokens include reasoning, and gateways in front of
 * Anthropic on whether prompt tokens include those of its cache. The total always includes
 * everything: it shows whether cached tokens have to be added to the prompt, and any further
 * surplus over its parts is output. Cached tokens that exceed the prompt are inconsistent and get
 * no discount.
 *
 * @returns null for anything that cannot be counted.
 */
export function readUsage(value: unknown): Measured | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens, ...rest } =
    parsed.data;
  const { cached, written, writtenForAnHour, reasoning } = partsOf(rest);
  const aside = cached + written;
  const surplus = Math.max(0, (total_tokens ?? 0) - prompt - completion);
  const isBeside = aside > prompt ? surplus >= aside : surplus === aside && surplus !== reasoning;
  const input = isBeside ? prompt + aside : prompt;
  const fits = aside <= input;
  if (input > LARGEST) return null;
  const hidden = isBeside ? surplus - aside : fits ? surplus : 0;
  const output = Math.min(completion + hidden, LARGEST);
  return {
    usage: {
      input_tokens: input,
      output_tokens: output,
      cached_input_tokens: fits ? cached : 0,
      cache_write_tokens: fits ? written : 0,
      reasoning_tokens: Math.min(Math.max(reasoning, hidden), output),
      estimated: false,
      ...fits && writtenForAnHour > 0 && { cache_write_1h_tokens: writtenForAnHour },
      ...rest.service_tier && { service_tier: rest.service_tier },
    },
    cost: rest.cost == null ? null : String(rest.cost),
  };
}

/** The parts of the totals: for each, the largest of the reported values. */
function partsOf(usage: Omit<z.infer<typeof usageSchema>, "prompt_tokens" | "completion_tokens">) {
  const input = [usage.prompt_tokens_details, usage.input_tokens_details];
  const output = [usage.completion_tokens_details, usage.output_tokens_details];
  const { ephemeral_5m_input_tokens: short = 0, ephemeral_1h_input_tokens: long = 0 } =
    usage.cache_creation ?? {};
  return {
    cached: Math.max(
      ...input.map((parts) => parts?.cached_tokens ?? 0),
      usage.cached_tokens,
      usage.prompt_cache_hit_tokens,
      usage.cache_read_input_tokens,
    ),
    written: Math.max(
      ...input.map((parts) =>
        Math.max(parts?.cache_write_tokens ?? 0, parts?.cache_creation_tokens ?? 0)
      ),
      usage.cache_creation_input_tokens,
      short + long,
    ),
    writtenForAnHour: long,
    reasoning: Math.max(
      ...output.map((parts) => Math.max(parts?.reasoning_tokens ?? 0, parts?.thinking_tokens ?? 0)),
      usage.reasoning_tokens,
    ),
  };
}

/**
 * Reads the usage of an answer from all known positions, see `usage_places.ts`, and the service
 * tier, which may be outside of it.
 */
export function measureIn(json: unknown): Measured | null {
  const measured = usagesIn(json).reduce<Measured | null>(
    (sum, usage) => mergeMeasured(sum, readUsage(usage)),
    null,
  );
  const tier: unknown = typeof json === "object" && json !== null &&
    Reflect.get(json, "service_tier");
  if (measured === null || typeof tier !== "string" || tier === "" || tier.length > 40) {
    return measured;
  }
  return { ...measured, usage: { service_tier: tier, ...measured.usage } };
}

/**
 * Reads the usage of an answer without output, such as embeddings. Voyage reports only a total (its
 * API reference "Text embeddings", 1 December 2026).
 */
export function measureInput(json: object): Measured | null {
  const total: unknown = Object(Reflect.get(json, "usage")).total_tokens;
  return measureIn(json) ?? readUsage({ prompt_tokens: total });
}

/** Reads the usage of an event without any other content, as may follow the end of a stream. */
export function usageAlone(event: string): Measured | null {
  try {
    const { choices = [], ...rest } = JSON.parse(event);
    return Array.isArray(choices) && choices.length === 0 ? measureIn(rest) : null;
  } catch {
    return null;
  }
}

/**
 * Merges two usage reports of one answer: the larger counts, and fields that only one of them has.
 */
export function mergeMeasured(first: Measured | null, second: Measured | null): Measured | null {
  if (first === null || second === null) return first ?? second;
  const [a, b] = [first.usage, second.usage];
  const most = (name: CountName) => Math.max(a[name] ?? 0, b[name] ?? 0);
  const forAnHour = most("cache_write_1h_tokens");
  const tier = b.service_tier ?? a.service_tier;
  return {
    usage: {
      input_tokens: most("input_tokens"),
      output_tokens: most("output_tokens"),
      cached_input_tokens: most("cached_input_tokens"),
      cache_write_tokens: most("cache_write_tokens"),
      reasoning_tokens: most("reasoning_tokens"),
      estimated: a.estimated && b.estimated,
      ...forAnHour > 0 && { cache_write_1h_tokens: forAnHour },
      ...tier && { service_tier: tier },
    },
    cost: Number(second.cost ?? 0) > 0 ? second.cost : first.cost ?? second.cost,
  };
}

type CountName = Exclude<keyof TurnUsage, "estimated" | "service_tier" | "units">;
