import { z } from "zod";
import { share, voiceSettingsSchema } from "../_shared/gateway/formats/speech/schema.ts";
import { recordingField } from "../_shared/gateway/formats/transcription/schema.ts";

/** A list of texts; an imported value of another type counts as empty. */
const texts = z.array(z.string()).nullish().catch(null).transform((list) => list ?? []);

const name = z.string().min(1).max(255);

/** The forms of audio in which an answer can be stored. */
export const SPOKEN_FORMS = ["mp3", "opus", "aac", "flac", "wav"] as const;

/** A form of audio in which an answer can be stored. */
export type SpokenForm = typeof SPOKEN_FORMS[number];

/** The fields of POST /audio/turns. */
export const voiceTurnSchema = z.strictObject({
  file: recordingField,
  model: name.nullish().describe("The agent that answers; absent for the session's."),
  session_id: name.nullish().describe("The session that goes on; absent for a new one."),
  transcription_model: name.nullish()
    .describe("What transcribes; absent for `speech_processing.model` of the agent."),
  speech_model: name.nullish().describe("What speaks; absent for `voice.model` of the agent."),
  voice: name.nullish().describe("Absent for `voice.voice_id` of the agent."),
  language: z.string().max(40).nullish(),
  response_format: z.enum(SPOKEN_FORMS).nullish()
    .describe("Absent for `voice.output_format` of the agent, else mp3."),
  stream: z.enum(["true", "false"]).nullish(),
});

/** The validated fields. */
export type VoiceTurnBody = z.infer<typeof voiceTurnSchema>;

/** The session and agent of a voice turn, as the database returns them. */
export const voiceSessionSchema = z.object({
  id: z.uuid(),
  session_id: z.string(),
  organization_id: z.uuid(),
  is_new: z.boolean(),
  transcription_model: z.string().nullable(),
  speech_model: z.string().nullable(),
  speech_api: z.string().nullable(),
  voices: z.array(z.string()).nullable(),
  voice: z.string().nullable(),
  // An imported value that its field does not accept is left out; the others are used.
  voice_settings: voiceSettingsSchema.extend({
    stability: share.catch(null),
    similarity_boost: share.catch(null),
    style: share.catch(null),
    use_speaker_boost: z.boolean().nullish().catch(null),
    speed: z.number().min(0.25).max(4).nullish().catch(null),
    emotion: z.string().nullish().catch(null),
    fallback_voice_ids: texts,
    output_format: z.string().nullish().catch(null),
  }).catch({ fallback_voice_ids: [] }),
  speech_processing: z.object({
    language: z.string().nullish().catch(null),
    keywords: texts,
    confidence_threshold: z.number().nullish().catch(null),
    smart_format: z.boolean().nullish().catch(null),
    profanity_filter: z.boolean().nullish().catch(null),
    redaction: texts,
  }).catch({ keywords: [], redaction: [] }),
  is_recorded: z.boolean(),
});

/** A voice turn's session, and the voice of its agent. */
export type VoiceSession = z.infer<typeof voiceSessionSchema>;

/** A recording that became part of a message. */
export interface StoredRecording {
  path: string;
  duration_ms: number | null;
}

/** The outcome of a voice turn, for the database. */
export interface VoiceOutcome {
  id: string;
  is_new: boolean;
  chat_turn_id: string | null;
  heard: StoredRecording | null;
  spoken: StoredRecording | null;
}

/** The error of the last part of a voice turn, if the parts before it succeeded. */
const failureSchema = z.object({ message: z.string(), code: z.string() });

/** The answer of a voice turn. */
export const voiceAnswerSchema = z.object({
  object: z.literal("audio.turn"),
  session_id: z.string(),
  transcript: z.string(),
  text: z.string(),
  audio: z.object({
    data: z.string().describe("Base64."),
    format: z.enum(SPOKEN_FORMS),
    path: z.string().nullable().describe("Where it is in the bucket `voice`."),
    characters: z.int().describe("How many characters of the text it speaks; 0 if it broke off."),
  }).nullable(),
  recording: z.string().nullable().describe("Path of what was said, in the bucket `voice`."),
  error: failureSchema.nullable().describe("Why there is no audio, or only a part of it."),
});
