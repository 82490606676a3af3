import { z } from "zod";
import { invalidAnswer, unknownShape } from "../../call/upstream_error.ts";
import { errorIn, parseUpstreamJson, readUpstreamJson } from "../../call/upstream_json.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import { repeatStored } from "../stored_answer.ts";
import { TEXT_TYPES, type TranscriptionBody } from "./schema.ts";
import { reportedUsageIn, transcriptionUsage } from "./usage.ts";
import { transcriptApiOf } from "./vendor_transcripts.ts";

/** Stored in the ledger in place of a transcript. */
export const KEPT = "[transcript]";

const answerSchema = z.looseObject({
  text: z.string(),
  model: z.string().nullish().catch(null),
});

const storedTextSchema = z.object({ transcript: z.string(), type: z.string() });

/**
 * Reads an upstream's transcript.
 *
 * @throws {ApiError} 502 for a body that reports an error or has no transcript.
 */
export function readTranscript(
  text: string,
  context: AnswerContext<TranscriptionBody>,
): WholeAnswer {
  const type = textType(context.body);
  if (type) return readTextTranscript(text, type, context);
  const said = transcriptApiOf(context.route)?.read?.(text) ?? text;
  const body = readUpstreamJson(said, "transcript", answerSchema, context.endpoint);
  const usage = transcriptionUsage(context, reportedUsageIn(body), body.text);
  const model_used = body.model ?? null;
  return { answer: { ...NO_ANSWER, content: KEPT, usage, model_used }, body };
}

function readTextTranscript(
  text: string,
  type: string,
  context: AnswerContext<TranscriptionBody>,
): WholeAnswer {
  if (/^\s*\{/.test(text)) {
    const error = errorIn(parseUpstreamJson(text, "transcript"), context.endpoint);
    throw error ?? unknownShape("transcript: a text was asked for, JSON came");
  }
  if (!isTranscript(text, context.body)) {
    throw invalidAnswer("transcript: not in the form asked for");
  }
  const usage = transcriptionUsage(context, { measured: null, seconds: null }, text);
  const kept = { transcript: text, type };
  return {
    answer: { ...NO_ANSWER, content: KEPT, usage },
    body: kept,
    response: replayTranscript(kept),
  };
}

function isTranscript(text: string, { response_format }: TranscriptionBody): boolean {
  if (response_format === "vtt") return /^\uFEFF?WEBVTT/.test(text);
  if (response_format === "srt") return text.trim() === "" || text.includes("-->");
  return !/^\s*<(!doctype|html)\b/i.test(text);
}

function textType({ response_format }: TranscriptionBody): string | undefined {
  switch (response_format) {
    case "text":
    case "srt":
    case "vtt":
      return TEXT_TYPES[response_format];
    default:
      return undefined;
  }
}

/** Replays a stored transcript in its original format. */
export function replayTranscript(stored: object): Response {
  const text = storedTextSchema.safeParse(stored).data;
  if (text) return new Response(text.transcript, { headers: { "content-type": text.type } });
  return repeatStored(stored);
}
