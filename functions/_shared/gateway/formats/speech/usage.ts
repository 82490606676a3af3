import type { Measured } from "../../quirks/usage_shapes.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import { chargesBy } from "../../settle/units.ts";
import type { AnswerContext } from "../format.ts";
import { charactersOf, type SpeechBody } from "./schema.ts";

/** Tokens of audio for a character, at most: OpenAI charges 20 for a second, of 15 characters or so. */
const TOKENS_PER_CHARACTER = 4;

/** Characters that are spoken in a second. */
const CHARACTERS_PER_SECOND = 15;

/** The most tokens that the speech of a text can be charged as. */
export function mostSpeechTokens({ input }: SpeechBody): number {
  return TOKENS_PER_CHARACTER * charactersOf(input);
}

/**
 * What a text is charged as that was spoken to its end.
 *
 * @param measured Tokens that the vendor reports; null where it reports none.
 */
export function speechUsage(
  context: AnswerContext<SpeechBody>,
  measured: Measured | null,
): TurnUsage {
  const all = charactersOf(context.body.input);
  const byCharacter = chargesBy(context.route, "character");
  const usage = usageOf(context, all, !byCharacter && measured === null);
  return byCharacter ? usage : { ...usage, ...measured?.usage };
}

/**
 * What speech that broke off is charged as: what was delivered of it.
 *
 * @param seconds How long that lasts; null where the form does not say: then all of the text is charged.
 */
export function usageOfPart(
  context: AnswerContext<SpeechBody>,
  seconds: number | null,
): TurnUsage {
  const all = charactersOf(context.body.input);
  const speed = context.body.speed ?? 1;
  const spoken = seconds === null ? all : Math.ceil(seconds * CHARACTERS_PER_SECOND * speed);
  return usageOf(context, Math.min(all, spoken), true);
}

function usageOf(
  { route, promptTokens }: AnswerContext<SpeechBody>,
  characters: number,
  estimated: boolean,
): TurnUsage {
  const byCharacter = chargesBy(route, "character");
  return {
    input_tokens: byCharacter ? 0 : promptTokens(),
    output_tokens: byCharacter ? 0 : TOKENS_PER_CHARACTER * characters,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    ...characters > 0 && { units: { character: characters } },
    estimated,
  };
}
