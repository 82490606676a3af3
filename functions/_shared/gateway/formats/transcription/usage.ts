import { z } from "zod";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import { chargesBy } from "../../settle/units.ts";
import { textTokens } from "../../token_estimate.ts";
import type { AnswerContext } from "../format.ts";
import { lengthOf } from "./container.ts";
import type { TranscriptionBody } from "./schema.ts";

/**
 * Tokens per second of audio: what OpenAI counts for the audio, and the most that can be spoken in
 * it.
 */
const TOKENS_PER_SECOND = 10;

/**
 * The duration that a vendor may report: a multiple of the actual one, or a fixed number of seconds
 * for short audio. Anything longer is taken for an error of the vendor.
 */
const PLAUSIBLE = { factor: 10, seconds: 60 };

const seconds = z.number().nonnegative().max(1_000_000).nullish().catch(null);

const durationSchema = z.looseObject({
  duration: z.union([seconds, z.coerce.number().nonnegative().max(1_000_000)]).catch(null),
  usage: z.looseObject({ seconds }).nullish().catch(null),
});

/** The usage that a vendor reports for a transcript. */
export interface ReportedUsage {
  measured: Measured | null;
  /** Duration of the audio; null if the vendor does not report it. */
  seconds: number | null;
}

/** The most that can be charged for a transcript. */
export function mostOf({ file }: TranscriptionBody): { seconds: number; tokens: number } {
  const most = Math.ceil(lengthOf(file.bytes));
  return { seconds: most, tokens: TOKENS_PER_SECOND * most };
}

/** Reads the usage that an answer, or the last event of a stream, reports. */
export function reportedUsageIn(json: object): ReportedUsage {
  const reported = durationSchema.safeParse(json).data;
  return {
    measured: measureIn(json),
    seconds: reported?.usage?.seconds ?? reported?.duration ?? null,
  };
}

/**
 * The usage of a transcript: as the vendor reports it, else by the duration of the audio.
 *
 * @param text The transcript.
 */
export function transcriptionUsage(
  { route, body, promptTokens }: AnswerContext<TranscriptionBody>,
  { measured, seconds }: ReportedUsage,
  text: string,
): TurnUsage {
  const bySecond = chargesBy(route, "second");
  const most = lengthOf(body.file.bytes);
  const isPlausible = seconds !== null &&
    seconds <= Math.max(PLAUSIBLE.factor * most, PLAUSIBLE.seconds);
  const lasts = Math.ceil(isPlausible ? seconds : most);
  return {
    input_tokens: bySecond ? 0 : promptTokens(),
    output_tokens: bySecond ? 0 : textTokens(text),
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    ...measured?.usage,
    ...lasts > 0 && { units: { second: lasts } },
    estimated: bySecond ? !isPlausible : measured === null,
  };
}
