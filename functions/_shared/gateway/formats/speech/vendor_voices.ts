import type { ApiError } from "../../../core/errors.ts";
import { invalidField } from "../../../http/parse_body.ts";
import type { Route } from "../../turn_database.ts";
import { type AudioForm, formOf, type SpeechBody } from "./schema.ts";

/*
 * Vendors' own APIs for speech, by their references of 30 November 2026: ElevenLabs "Stream speech"
 * (POST /v1/text-to-speech/{voice_id}/stream) and Deepgram "Text to speech" (POST /v1/speak). Both
 * answer with the bytes of the audio, as OpenAI does.
 */

/** A vendor's own API for speech. */
export interface VoiceApi {
  /** Set if the vendor prices the voice rather than the model. */
  voiceIsModel?: true;
  /**
   * The path after the vendor's base address.
   *
   * @throws {ApiError} 400 for an audio format that the vendor does not offer.
   */
  path(body: SpeechBody, voice: string): string;
  body(body: SpeechBody, route: Pick<Route, "model">): Record<string, unknown>;
}

/** ElevenLabs: the voice is part of the path, the format a query parameter. */
const elevenlabs: VoiceApi = {
  path(body, voice) {
    // As path segments, these change the path, percent-encoded or not.
    if (voice === "." || voice === "..") {
      throw invalidField("voice", "invalid_value", "it is not the id of a voice");
    }
    const forms = { mp3: "mp3_44100_128", opus: "opus_48000_64", pcm: "pcm_24000" };
    const query = new URLSearchParams({ output_format: formIn(forms, formOf(body)) });
    return `/text-to-speech/${encodeURIComponent(voice)}/stream?${query}`;
  },
  body({ input, speed, voice_settings }, { model }) {
    const stated = Object.entries(voice_settings ?? {}).filter(([, value]) => value != null);
    if (speed != null) stated.push(["speed", Math.min(1.2, Math.max(0.7, speed))]);
    return {
      text: input,
      model_id: model,
      ...stated.length > 0 && { voice_settings: Object.fromEntries(stated) },
    };
  },
};

/** Deepgram: a voice is a model. */
const deepgram: VoiceApi = {
  voiceIsModel: true,
  path(body, voice) {
    const forms = {
      mp3: "mp3",
      opus: "opus&container=ogg",
      aac: "aac",
      flac: "flac",
      wav: "linear16&container=wav&sample_rate=24000",
      pcm: "linear16&container=none&sample_rate=24000",
    };
    const encoding = formIn(forms, formOf(body));
    return `/speak?model=${encodeURIComponent(voice)}&encoding=${encoding}`;
  },
  body: ({ input }) => ({ text: input }),
};

const APIS: ReadonlyMap<string, VoiceApi> = new Map([
  ["elevenlabs", elevenlabs],
  ["deepgram", deepgram],
]);

/** The speech API of a route's vendor; undefined if that is OpenAI's, or there is none. */
export function voiceApiOf({ api_format }: Pick<Route, "api_format">): VoiceApi | undefined {
  return APIS.get(api_format);
}

/** The name of a voice, or the id of a custom voice, which belongs to an account. */
export function nameOfVoice({ voice }: Pick<SpeechBody, "voice">): string {
  return typeof voice === "string" ? voice : voice.id;
}

/**
 * The error for a voice that a model does not have.
 *
 * @param voices The voices that it has; absent if
 * unknown.
 */
export function unknownVoice(voices: Route["voices"]): ApiError {
  const hint = voices ? `Use one of ${voices.join(", ")}` : "Name one of the vendor's own voices";
  return invalidField("voice", "invalid_value", `this model does not have the voice. ${hint}`);
}

function formIn(forms: Partial<Record<AudioForm, string>>, form: AudioForm): string {
  const found = forms[form];
  if (found) return found;
  const hint = `Use one of ${Object.keys(forms).join(", ")}`;
  throw invalidField("response_format", "invalid_value", `this vendor does not make it. ${hint}`);
}
