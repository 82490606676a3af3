import { invalidField } from "../../../http/parse_body.ts";
import type { Route } from "../../turn_database.ts";
import { isStreamed, type TranscriptionBody } from "./schema.ts";

/*
 * Vendors' own APIs for transcripts, by their references of 30 November 2026: ElevenLabs "Create
 * transcript" (POST /v1/speech-to-text), whose answer has `text` and `words` as OpenAI's verbose one,
 * and no duration.
 */

/** A vendor's own API for transcripts. */
export interface TranscriptApi {
  /**
   * What follows the vendor's base address.
   *
   * @throws {ApiError} 400 for a form of transcript that it does not make.
   */
  path(body: TranscriptionBody): string;
  body(body: TranscriptionBody, route: Pick<Route, "model">): Record<string, unknown>;
}

const elevenlabs: TranscriptApi = {
  path(body) {
    const { response_format } = body;
    if (isStreamed(body)) {
      throw invalidField("stream", "invalid_value", "this vendor streams no transcripts. Omit it");
    }
    if (response_format && response_format !== "json" && response_format !== "verbose_json") {
      const reason = "this vendor does not make it. Use json or verbose_json";
      throw invalidField("response_format", "invalid_value", reason);
    }
    return "/speech-to-text";
  },
  body: ({ file, language }, { model }) => ({
    model_id: model,
    file,
    ...language && { language_code: language },
  }),
};

/** The API for transcripts of a route's vendor; undefined where it is OpenAI's, or none. */
export function transcriptApiOf(
  { api_format }: Pick<Route, "api_format">,
): TranscriptApi | undefined {
  return api_format === "elevenlabs" ? elevenlabs : undefined;
}
