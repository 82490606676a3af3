import type { Measured } from "../../quirks/usage_shapes.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import { chargesBy } from "../../settle/units.ts";
import type { AnswerContext } from "../format.ts";
import { charactersOf, type SpeechBody } from "./schema.ts";

/**
 * The most audio tokens per character: OpenAI charges 20 per second, which is about 15 characters.
 */
const TOKENS_PER_CHARACTER = 4;

/** Characters spoken per second. */
const CHARACTERS_PER_SECOND = 15;

/** The most tokens that can be charged for speaking a text. */
export function mostSpeechTokens({ input }: SpeechBody): number {
  return TOKENS_PER_CHARACTER * charactersOf(input);
}

/**
 * The usage of speech that was delivered completely.
 *
 * @param measured Usage that the vendor reports; null for none.
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
 * The usage of interrupted speech: the part that was delivered.
 *
 * @param seconds Its duration; null if the format does not determine it: then the whole text is
 * charged.
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
