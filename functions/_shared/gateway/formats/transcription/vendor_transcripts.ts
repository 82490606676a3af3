import { z } from "zod";
import { parseJson } from "../../../core/json.ts";
import { invalidField } from "../../../http/parse_body.ts";
import type { Route } from "../../turn_database.ts";
import { isStreamed, type TranscriptionBody } from "./schema.ts";

/*
 * Vendors' own APIs for transcripts, by their references of 30 November 2026: ElevenLabs "Create
 * transcript" (POST /v1/speech-to-text), whose answers have OpenAI's `text`, and Deepgram
 * "Pre-recorded audio" (POST /v1/listen), whose body is the file alone, with the settings as query
 * parameters.
 */

/** A vendor's own API for transcripts. */
interface TranscriptApi {
  /**
   * The path after the vendor's base address.
   *
   * @throws {ApiError} 400 for a transcript format that the vendor does not offer, and for options
   * that it charges extra for.
   */
  path(body: TranscriptionBody, route: Pick<Route, "model" | "credential">): string;
  body(body: TranscriptionBody, route: Pick<Route, "model">): Record<string, unknown>;
  /**
   * Converts an answer to OpenAI's form, unless its shape is unknown. Absent if it has that form.
   */
  read?(text: string): string;
}

const elevenlabs: TranscriptApi = {
  path(body) {
    assertJson(body);
    return "/speech-to-text";
  },
  body: ({ file, language }, { model }) => ({
    model_id: model,
    file,
    ...language && { language_code: language },
  }),
};

const deepgramSchema = z.object({
  metadata: z.object({ duration: z.number().nullish().catch(null) }).nullish().catch(null),
  results: z.object({
    channels: z.array(z.object({
      detected_language: z.string().nullish().catch(null),
      alternatives: z.array(z.object({
        transcript: z.string(),
        confidence: z.number().nullish().catch(null),
        words: z.array(z.unknown()).nullish().catch(null),
      })),
    })),
  }),
});

const deepgram: TranscriptApi = {
  path(body, { model, credential }) {
    assertJson(body);
    const { language, smart_format, profanity_filter } = body;
    const query = new URLSearchParams({ model });
    // Without either parameter, Deepgram assumes English.
    if (language) query.set("language", language);
    else query.set("detect_language", "true");
    if (smart_format === "true") query.set("smart_format", "true");
    if (profanity_filter === "true") query.set("profanity_filter", "true");
    const redacted = body["redact[]"] ?? [];
    if (redacted.length > 0 && credential !== "own") {
      const reason = "the vendor charges extra for it. Use a key of your own";
      throw invalidField("redact[]", "invalid_value", reason);
    }
    for (const kind of redacted) query.append("redact", kind);
    // Key terms cost extra too. They are left out rather than refused, as the transcript does not
    // depend on them.
    const words = credential === "own" ? body["keywords[]"] ?? [] : [];
    for (const word of words) query.append("keyterm", word);
    return `/listen?${query}`;
  },
  body: ({ file }) => ({ file }),
  read(text) {
    const answer = deepgramSchema.safeParse(parseJson(text)).data;
    if (!answer) return text;
    const { channels } = answer.results;
    const best = channels.flatMap(({ alternatives }) => alternatives.slice(0, 1));
    const confidences = best.flatMap(({ confidence }) => confidence ?? []);
    return JSON.stringify({
      text: best.map(({ transcript }) => transcript).filter(Boolean).join("\n"),
      language: channels[0]?.detected_language ?? undefined,
      duration: answer.metadata?.duration ?? undefined,
      words: best.flatMap(({ words }) => words ?? []),
      ...confidences.length > 0 && { confidence: Math.min(...confidences) },
    });
  },
};

const APIS: ReadonlyMap<string, TranscriptApi> = new Map([
  ["elevenlabs", elevenlabs],
  ["deepgram", deepgram],
]);

/** The transcription API of a route's vendor; undefined if that is OpenAI's, or there is none. */
export function transcriptApiOf(
  { api_format }: Pick<Route, "api_format">,
): TranscriptApi | undefined {
  return APIS.get(api_format);
}

/** Refuses transcript formats that these vendors do not offer. @throws {ApiError} 400. */
function assertJson(body: TranscriptionBody): void {
  const { response_format } = body;
  if (isStreamed(body)) {
    throw invalidField("stream", "invalid_value", "this vendor streams no transcripts. Omit it");
  }
  if (response_format && response_format !== "json" && response_format !== "verbose_json") {
    const reason = "this vendor does not make it. Use json or verbose_json";
    throw invalidField("response_format", "invalid_value", reason);
  }
}
