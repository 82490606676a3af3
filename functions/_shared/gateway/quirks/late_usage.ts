import { z } from "zod";
import type { Lifetime } from "../../core/runtime.ts";
import { sleep } from "../../core/sleep.ts";
import type { TurnLimits } from "../limits.ts";
import { type Measured, readUsage } from "./usage_shapes.ts";

/*
 * OpenRouter knows the usage of an answer that was broken off, some seconds later, at GET
 * /generation?id=. From its API reference (Get a generation), 22 November 2026.
 */

/** Where a vendor reports the usage of an answer. */
export interface LateUsage {
  url: string;
  /** The credential included. */
  headers: Record<string, string>;
}

/** What {@linkcode findLateUsage} needs. */
export interface LateUsageDeps {
  fetch: typeof globalThis.fetch;
  lifetime: Lifetime;
  limits: TurnLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const count = z.int().nonnegative().nullish();

/** OpenRouter's form. Its own counts are of the model's tokens; the others are of a common tokenizer. */
const generationSchema = z.object({
  data: z.object({
    native_tokens_prompt: count,
    native_tokens_completion: count,
    native_tokens_reasoning: count,
    native_tokens_cached: count,
    tokens_prompt: count,
    tokens_completion: count,
    total_cost: z.number().nonnegative().nullish(),
  }),
});

const MAX_BYTES = 64 * 1024;

/**
 * Asks a vendor what an answer used whose own account of it never came. It takes the vendor a while
 * to know, so it is asked several times, for as long as the platform lets work go on.
 *
 * @param deadline Milliseconds since the epoch after which the vendor is not asked again.
 * @returns null when the vendor does not say.
 */
export async function findLateUsage(
  { url, headers }: LateUsage,
  deadline: number,
  deps: LateUsageDeps,
): Promise<Measured | null> {
  const { fetch, lifetime: { shutdown }, limits, now } = deps;
  for (const pause of limits.lateUsagePausesMs) {
    if (now() + pause > deadline) return null;
    await sleep(pause, shutdown);
    if (shutdown.aborted) return null;
    const signal = AbortSignal.any([shutdown, AbortSignal.timeout(limits.lateUsageMs)]);
    try {
      const response = await fetch(url, { headers, redirect: "manual", signal });
      const text = await readStart(response);
      if (response.status === 200) {
        const measured = readGeneration(text);
        if (measured) return measured;
      } else if (!mayChange(response.status)) {
        return null;
      }
    } catch {
      // Nothing was heard; it is asked again.
    }
  }
  return null;
}

/** Whether the usage may become available later: until then vendors answer 404. */
function mayChange(status: number): boolean {
  return status === 404 || status === 408 || status === 425 || status === 429 || status >= 500;
}

function readGeneration(text: string): Measured | null {
  const parsed = generationSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return null;
  const { data } = parsed.data;
  const measured = readUsage({
    prompt_tokens: data.native_tokens_prompt ?? data.tokens_prompt,
    completion_tokens: data.native_tokens_completion ?? data.tokens_completion,
    prompt_tokens_details: { cached_tokens: data.native_tokens_cached },
    completion_tokens_details: { reasoning_tokens: data.native_tokens_reasoning },
    cost: data.total_cost,
  });
  // It is asked about answers that were given: without any tokens, they are not counted yet.
  const { input_tokens = 0, output_tokens = 0 } = measured?.usage ?? {};
  return input_tokens + output_tokens > 0 ? measured : null;
}

/** The body as far as it may matter. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_BYTES) break;
  }
  return text + decoder.decode();
}
