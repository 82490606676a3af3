import { openaiErrors } from "../../../http/openai_errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import { chargesBy } from "../../settle/units.ts";
import type { Route } from "../../turn_database.ts";
import type { WireFormat } from "../format.ts";
import { SPEECH_FIELDS } from "./allowed_fields.ts";
import { nameOfVoice, unknownVoice, voiceApiOf } from "./vendor_voices.ts";
import { charactersOf, parseSpeechBody, type SpeechBody } from "./schema.ts";
import { openSpeechStream, readNoSpeech, replaySpeech } from "./stream.ts";
import { mostSpeechTokens } from "./usage.ts";

/** OpenAI's speech API: audio that is passed on as it arrives. The ledger records only its cost. */
export const speech: WireFormat<SpeechBody> = {
  kind: "speech",
  scope: "audio",
  path: "/audio/speech",
  isBinary: true,
  errors: openaiErrors,
  maxBytes: ({ requestBytes }) => requestBytes,
  parse(json) {
    const body = parseSpeechBody(json);
    const turn = {
      model: body.model ?? null,
      session_id: null,
      title: null,
      messages: [{ role: "user", content: [body.input, body.instructions ?? ""].join("") }],
      other_bytes: 0,
      other_tokens: 0,
      max_output_tokens: mostSpeechTokens(body),
      units: { character: charactersOf(body.input) },
    };
    return { body, turn, stream: true };
  },
  ownPath: (body, route) => voiceApiOf(route)?.path(body, nameOfVoice(body)) ?? null,
  upstreamBody({ stream_format, voice_settings, ...body }, _turn, route) {
    assertVoice(body.voice, route);
    const api = voiceApiOf(route);
    if (api) return api.body({ ...body, voice_settings }, route);
    return {
      ...billableFields(route, body, SPEECH_FIELDS),
      model: route.model,
      // Models that are priced by the character do not stream events.
      ...stream_format === "sse" && !chargesBy(route, "character") && { stream_format },
    };
  },
  upstreamHeaders: () => ({ accept: "*/*" }),
  readWhole: readNoSpeech,
  openStream: openSpeechStream,
  replay: replaySpeech,
};

/**
 * Refuses a voice that a route does not have. A voice id belongs to an account at the vendor, so it
 * requires a key of the caller's own. So does an unlisted voice of a vendor whose voices are
 * models: it could cost more than the route's model.
 */
function assertVoice(voice: SpeechBody["voice"], route: Route): void {
  if (!hasVoice(route, voice)) throw unknownVoice(route.voices);
}

function hasVoice(route: Route, voice: SpeechBody["voice"]): boolean {
  const isOwn = route.credential === "own";
  if (typeof voice !== "string") return isOwn;
  if (route.voices) return route.voices.includes(voice);
  return isOwn || !voiceApiOf(route)?.voiceIsModel;
}
