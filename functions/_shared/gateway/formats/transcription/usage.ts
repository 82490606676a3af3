import { z } from "zod";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import { chargesBy } from "../../settle/units.ts";
import { textTokens } from "../../token_estimate.ts";
import type { AnswerContext } from "../format.ts";
import { lengthOf } from "./container.ts";
import type { TranscriptionBody } from "./schema.ts";

/** Tokens of a second, of audio as OpenAI counts them, and of what is said in it at most. */
const TOKENS_PER_SECOND = 10;

/** How many times the length of audio a vendor may count, and how much for any; more is an error of its. */
const PLAUSIBLE = { factor: 10, seconds: 60 };

const seconds = z.number().nonnegative().max(1_000_000).nullish().catch(null);

const durationSchema = z.looseObject({
  duration: z.union([seconds, z.coerce.number().nonnegative().max(1_000_000)]).catch(null),
  usage: z.looseObject({ seconds }).nullish().catch(null),
});

/** What a vendor says of what a transcript cost. */
export interface Told {
  measured: Measured | null;
  /** How long the audio lasts; null where it does not say. */
  seconds: number | null;
}

/** What a transcript can cost at most. */
export function mostOf({ file }: TranscriptionBody): { seconds: number; tokens: number } {
  const most = Math.ceil(lengthOf(file.bytes));
  return { seconds: most, tokens: TOKENS_PER_SECOND * most };
}

/** Reads what an answer, or the last event of a stream, says of its cost. */
export function toldIn(json: object): Told {
  const told = durationSchema.safeParse(json).data;
  return { measured: measureIn(json), seconds: told?.usage?.seconds ?? told?.duration ?? null };
}

/**
 * What a transcript is charged as: by the vendor's numbers, else by the length of the audio.
 *
 * @param text What was transcribed.
 */
export function transcriptionUsage(
  { route, body, promptTokens }: AnswerContext<TranscriptionBody>,
  { measured, seconds }: Told,
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
