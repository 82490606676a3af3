import { z } from "zod";
import type { Lifetime } from "../../core/runtime.ts";
import { sleep } from "../../core/sleep.ts";
import type { TurnLimits } from "../limits.ts";
import { type Measured, readUsage } from "./usage_shapes.ts";

/*
 * OpenRouter reports the usage of an aborted answer some seconds later, at GET /generation?id=.
 * From its API reference (Get a generation), 22 November 2026.
 */

/** Where a vendor reports the usage of an answer. */
export interface LateUsage {
  url: string;
  /** The credential included. */
  headers: Record<string, string>;
}

/** The dependencies of {@linkcode findLateUsage}. */
export interface LateUsageDeps {
  fetch: typeof globalThis.fetch;
  lifetime: Lifetime;
  limits: TurnLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const count = z.int().nonnegative().nullish();

/**
 * OpenRouter's format. The `native_` counts are of the model's tokenizer, the others of a common
 * one.
 */
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
 * Queries a vendor for the usage of an answer that ended before it was reported. The vendor needs a
 * while to provide it, so it is queried several times, as long as the platform keeps the worker
 * alive.
 *
 * @param deadline Milliseconds since the epoch after which the vendor is not queried again.
 * @returns null if the vendor does not report it.
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
      // No answer; the next attempt may succeed.
    }
  }
  return null;
}

/** Whether the usage may become available later. Until then, vendors answer 404. */
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
  // The answer exists, so zero tokens mean that they are not counted yet.
  const { input_tokens = 0, output_tokens = 0 } = measured?.usage ?? {};
  return input_tokens + output_tokens > 0 ? measured : null;
}

/** Reads the body, up to a limit. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_BYTES) break;
  }
  return text + decoder.decode();
}
