import { z } from "zod";
import { parseBody } from "../../../http/parse_body.ts";

/** Maximum length of a text in characters, as in OpenAI's API. */
export const MAX_CHARACTERS = 4096;

/** The audio formats that clients may request, with their content types. */
export const AUDIO_TYPES = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/pcm",
} as const;

/** An audio format. */
export type AudioForm = keyof typeof AUDIO_TYPES;

/** A setting of a voice, from 0 to 1. */
export const share: z.ZodOptional<z.ZodNullable<z.ZodNumber>> = z.number().min(0).max(1).nullish();

/** Settings of a voice, with ElevenLabs' names. */
export const voiceSettingsSchema = z.object({
  stability: share,
  similarity_boost: share,
  style: share,
  use_speaker_boost: z.boolean().nullish(),
});

const voiceName = z.string().min(1).max(255);

/**
 * The body of POST /audio/speech. Fields that are not listed reach the vendor with a key of the
 * caller's own.
 */
export const bodySchema = z.looseObject({
  input: z.string().min(1).refine(
    (text) => charactersOf(text) <= MAX_CHARACTERS,
    `expected at most ${MAX_CHARACTERS} characters`,
  ),
  model: z.string().min(1).max(255).nullish(),
  voice: z.union([voiceName, z.strictObject({ id: voiceName })], {
    error: "expected the name of a voice, or an object with its id",
  }),
  instructions: z.string().max(MAX_CHARACTERS).nullish(),
  response_format: z.enum(["mp3", "opus", "aac", "flac", "wav", "pcm"]).nullish(),
  speed: z.number().min(0.25).max(4).nullish(),
  stream_format: z.enum(["audio", "sse"]).nullish(),
  voice_settings: voiceSettingsSchema.nullish().describe(
    "Settings of voices of ElevenLabs; other vendors ignore them.",
  ),
});

/** A validated body. */
export type SpeechBody = z.infer<typeof bodySchema>;

/**
 * Validates a request for speech.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseSpeechBody(json: object): SpeechBody {
  return parseBody(bodySchema, json);
}

/** Whether the audio is requested as events, in base64. */
export function isEvents({ stream_format }: Pick<SpeechBody, "stream_format">): boolean {
  return stream_format === "sse";
}

/** The length for which a text is billed: code points, not UTF-16 units. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

/** The requested audio format. */
export function formOf({ response_format }: SpeechBody): AudioForm {
  return response_format ?? "mp3";
}
