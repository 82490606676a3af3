import { openaiErrors } from "../../../http/openai_errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import type { WireFormat } from "../format.ts";
import { TRANSCRIPTION_FIELDS } from "./allowed_fields.ts";
import {
  isStreamed,
  MAX_FORM,
  parseTranscriptionBody,
  promptOf,
  type TranscriptionBody,
} from "./schema.ts";
import { openTranscriptStream } from "./stream.ts";
import { readTranscript, replayTranscript } from "./transcript.ts";
import { mostOf } from "./usage.ts";
import { transcriptApiOf } from "./vendor_transcripts.ts";

/**
 * OpenAI's transcription API. The ledger records its cost, but neither the audio nor the
 * transcript.
 */
export const transcription: WireFormat<TranscriptionBody> = {
  kind: "transcription",
  scope: "audio",
  path: "/audio/transcriptions",
  isForm: true,
  errors: openaiErrors,
  maxBytes: () => MAX_FORM,
  parse(fields) {
    const body = parseTranscriptionBody(fields);
    const { seconds, tokens } = mostOf(body);
    const turn = {
      model: body.model ?? null,
      session_id: null,
      title: null,
      messages: [{ role: "user", content: promptOf(body) }],
      other_bytes: tokens,
      other_tokens: tokens,
      max_output_tokens: tokens,
      units: { second: seconds },
    };
    return { body, turn, stream: isStreamed(body) };
  },
  ownPath: (body, route) => transcriptApiOf(route)?.path(body, route) ?? null,
  upstreamBody(body, _turn, route) {
    const api = transcriptApiOf(route);
    if (api) return api.body(body, route);
    const { stream, smart_format: _smart, profanity_filter: _filter, ...asked } = body;
    const { "keywords[]": _words, "redact[]": _redact, ...fields } = asked;
    const prompt = promptOf(body);
    return {
      ...billableFields(route, fields, TRANSCRIPTION_FIELDS),
      model: route.model,
      ...prompt !== "" && { prompt },
      ...stream === "true" && { stream: true },
    };
  },
  readWhole: readTranscript,
  openStream: openTranscriptStream,
  replay: replayTranscript,
};
