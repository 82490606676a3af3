import { openaiErrors } from "../_shared/http/openai_errors.ts";
import { toApiError } from "../_shared/core/errors.ts";
import { EXECUTION_HEADERS, namedExecution } from "../_shared/gateway/begin/execution.ts";
import { readIdempotencyKey } from "../_shared/gateway/begin/idempotency.ts";
import { assertRecording, MAX_FORM } from "../_shared/gateway/formats/transcription/schema.ts";
import {
  type ClientSink,
  createClientSink,
} from "../_shared/gateway/respond/stream/client_sink.ts";
import {
  DONE,
  joinBytes,
  sseData,
  streamHeaders,
} from "../_shared/gateway/respond/stream/sse_writer.ts";
import { parseBody } from "../_shared/http/parse_body.ts";
import { readForm } from "../_shared/http/read_form.ts";
import { voiceTurnSchema } from "./voice_schema.ts";
import { type AskedVoice, runVoiceTurn, type VoiceEvent } from "./voice_turn.ts";

/**
 * Answers a recording with speech: as events while it is made, or in one piece.
 *
 * @throws {ApiError} Why nothing was heard; in one piece also why it was not answered.
 */
export async function answerVoice(
  request: Request,
  { caller, context, deps }: Pick<AskedVoice, "caller" | "context" | "deps">,
): Promise<Response> {
  const admitted = deps.admission.enter(request);
  try {
    const body = parseBody(voiceTurnSchema, await readForm(request, MAX_FORM, admitted.arrived));
    assertRecording(body.file);
    const key = readIdempotencyKey(request.headers);
    const execution = executionHeaders(request.headers);
    const events = runVoiceTurn({ body, caller, context, deps, key, execution });
    // The first one is the transcript: what fails before it is an answer of its own.
    const first = await events.next();
    if (body.stream === "true") {
      const sink = createClientSink(deps.limits, new AbortController().signal);
      // The recording is held until the answer has ended.
      context.until(send(first, events, sink).finally(admitted.leave));
      return new Response(sink.stream, { headers: streamHeaders });
    }
    const answer = await collect(first, events);
    admitted.leave();
    return Response.json(answer);
  } catch (thrown) {
    admitted.leave();
    throw thrown;
  }
}

type First = IteratorResult<VoiceEvent>;

/** @throws {ApiError} 400 for values that are no ids. */
function executionHeaders(headers: Headers): Record<string, string> {
  if (!namedExecution(headers)) return {};
  return Object.fromEntries(EXECUTION_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value ? [[name, value]] : [];
  }));
}

async function collect(first: First, events: AsyncGenerator<VoiceEvent>) {
  const pieces: Uint8Array[] = [];
  const answer = { transcript: "", text: "" };
  let characters = 0;
  let error: { message: string; code: string } | null = null;
  let ends: Omit<Extract<VoiceEvent, { type: "audio.turn.done" }>, "type"> = {
    session_id: "",
    format: "mp3",
    recording: null,
    audio: null,
  };
  for (let next = first; !next.done; next = await events.next()) {
    const event = next.value;
    if (event.type === "transcript.text.done") answer.transcript = event.text;
    else if (event.type === "response.output_text.done") answer.text = event.text;
    else if (event.type === "speech.audio.delta") pieces.push(event.bytes);
    else if (event.type === "speech.audio.done") characters = event.characters;
    else if (event.type === "error") {
      error = { message: event.error.message, code: event.error.code };
    } else if (event.type === "audio.turn.done") ends = event;
  }
  const data = joinBytes(pieces).toBase64();
  return {
    object: "audio.turn",
    session_id: ends.session_id,
    ...answer,
    audio: pieces.length > 0 ? { data, format: ends.format, path: ends.audio, characters } : null,
    recording: ends.recording,
    error,
  };
}

/**
 * Sends the events as they come. When the client disconnects or stops reading, the turn ends after the
 * part that is running.
 */
async function send(first: First, events: AsyncGenerator<VoiceEvent>, sink: ClientSink) {
  try {
    for (let next = first; !next.done; next = await events.next()) {
      sink.write(written(next.value));
      await sink.ready();
      if (sink.gone.aborted) break;
    }
    await events.return(undefined);
  } catch (thrown) {
    sink.write(sseData(openaiErrors.write(toApiError(thrown), null).body));
  }
  sink.write(DONE);
  sink.close();
}

function written(event: VoiceEvent): Uint8Array {
  if (event.type === "error") return sseData(openaiErrors.write(event.error, null).body);
  if (event.type !== "speech.audio.delta") return sseData(event);
  return sseData({ type: event.type, audio: event.bytes.toBase64() });
}
