import { z } from "zod";
import { ApiError } from "../../../core/errors.ts";
import { invalidField, parseBody } from "../../../http/parse_body.ts";
import { Upload } from "../../../http/upload.ts";
import { containerOf } from "./container.ts";

/** Maximum size of a file in bytes, as in OpenAI's API. */
const MAX_FILE = 25 * 1024 * 1024;

/**
 * Maximum size of a request in bytes: a file, and the other fields of the form, of which the key
 * terms are the largest.
 */
export const MAX_FORM: number = MAX_FILE + 512 * 1024;

/** The transcript formats that are plain text, with their content types. */
export const TEXT_TYPES = {
  text: "text/plain; charset=utf-8",
  srt: "application/x-subrip; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
} as const;

/** A recording. */
export const recordingField: z.ZodType<Upload> = z
  .custom<Upload>((value) => value instanceof Upload, "expected a file")
  .meta({
    type: "string",
    format: "binary",
    description: "Audio: mp3, mp4, wav, webm, ogg, flac.",
  });

const flag = z.enum(["true", "false"]).nullish();

/**
 * The fields of POST /audio/transcriptions. Those that are not listed reach the vendor with a key
 * of the caller's own.
 */
export const bodySchema = z.looseObject({
  file: recordingField,
  model: z.string().min(1).max(255).nullish(),
  language: z.string().max(40).nullish(),
  prompt: z.string().max(4096).nullish(),
  response_format: z.enum(["json", "text", "srt", "verbose_json", "vtt", "diarized_json"])
    .nullish(),
  temperature: z.string().refine(
    (text) => text !== "" && Number(text) >= 0 && Number(text) <= 1,
    "expected a number from 0 to 1",
  ).nullish(),
  stream: z.enum(["true", "false"]).nullish(),
  "keywords[]": z.array(z.string().max(1000)).max(100).nullish()
    .describe("Words to listen for; added to the prompt for vendors without such a list."),
  smart_format: flag.describe("Deepgram: whether numbers, dates and the like are written out."),
  profanity_filter: flag.describe("Deepgram: whether swearwords are masked."),
  "redact[]": z.array(z.enum(["pci", "pii", "phi", "numbers"])).max(4).nullish()
    .describe("Deepgram: what is removed from the transcript. Charged by the vendor."),
  "timestamp_granularities[]": z.array(z.enum(["word", "segment"])).max(2).nullish(),
});

/** The validated fields. */
export type TranscriptionBody = z.infer<typeof bodySchema>;

/**
 * Validates a request for a transcript.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`; 413 for a file that is too
 * large.
 */
export function parseTranscriptionBody(fields: object): TranscriptionBody {
  const body = parseBody(bodySchema, fields);
  const { file, response_format } = body;
  assertRecording(file);
  if (isStreamed(body) && response_format && !/^(diarized_)?json$/.test(response_format)) {
    throw invalidField("stream", "invalid_value", 'it needs "response_format": "json"');
  }
  return body;
}

/**
 * Refuses a file that cannot be transcribed.
 *
 * @throws {ApiError} 400 for one that is not audio, 413 for one that is too large.
 */
export function assertRecording(file: Upload): void {
  if (file.bytes.length > MAX_FILE) {
    throw new ApiError(
      "request_too_large",
      `Cannot transcribe "file": it is larger than the limit of ${MAX_FILE} bytes. Split it, or compress it.`,
      { param: "file" },
    );
  }
  if (!containerOf(file.bytes)) {
    throw invalidField(
      "file",
      "invalid_value",
      "it is not audio in a supported format. Send mp3, mp4, m4a, wav, webm, ogg or flac",
    );
  }
}

/** The prompt of a vendor with OpenAI's API: the caller's prompt, and the key terms. */
export function promptOf({ prompt, "keywords[]": words }: TranscriptionBody): string {
  return [prompt, words?.join(", ")].filter(Boolean).join("\n");
}

/** Whether the transcript is streamed. */
export function isStreamed({ stream }: TranscriptionBody): boolean {
  return stream === "true";
}
