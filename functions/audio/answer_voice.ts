import { openaiErrors } from "../_shared/http/openai_errors.ts";
import { toApiError } from "../_shared/core/errors.ts";
import { assertRecording, MAX_FORM } from "../_shared/gateway/formats/transcription/schema.ts";
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
    const key = request.headers.get("idempotency-key") || null;
    const events = runVoiceTurn({ body, caller, context, deps, key });
    // The first one is the transcript: what fails before it is an answer of its own.
    const first = await events.next();
    if (body.stream === "true") {
      const { response, ended } = streamed(first, events);
      // The recording is held until the answer has ended.
      context.until(ended.then(admitted.leave));
      return response;
    }
    const answer = await collect(first, events, body.response_format ?? "mp3");
    admitted.leave();
    return Response.json(answer);
  } catch (thrown) {
    admitted.leave();
    throw thrown;
  }
}

type First = IteratorResult<VoiceEvent>;

async function collect(first: First, events: AsyncGenerator<VoiceEvent>, format: string) {
  const pieces: Uint8Array[] = [];
  const answer = { transcript: "", text: "" };
  let error: { message: string; code: string } | null = null;
  let ends: Omit<Extract<VoiceEvent, { type: "audio.turn.done" }>, "type"> = {
    session_id: "",
    recording: null,
    audio: null,
  };
  for (let next = first; !next.done; next = await events.next()) {
    const event = next.value;
    if (event.type === "transcript.text.done") answer.transcript = event.text;
    else if (event.type === "response.output_text.done") answer.text = event.text;
    else if (event.type === "speech.audio.delta") pieces.push(event.bytes);
    else if (event.type === "error") {
      error = { message: event.error.message, code: event.error.code };
    } else if (event.type === "audio.turn.done") ends = event;
  }
  const data = joinBytes(pieces).toBase64();
  return {
    object: "audio.turn",
    session_id: ends.session_id,
    ...answer,
    audio: pieces.length > 0 ? { data, format, path: ends.audio } : null,
    recording: ends.recording,
    error,
  };
}

/** The events as they come. A client that goes away ends the turn behind the part that runs. */
function streamed(first: First, events: AsyncGenerator<VoiceEvent>) {
  const ended = Promise.withResolvers<void>();
  let next: First | null = first;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = next ?? await events.next();
        next = null;
        if (!done) return controller.enqueue(written(value));
      } catch (thrown) {
        controller.enqueue(sseData(openaiErrors.write(toApiError(thrown), null).body));
      }
      controller.enqueue(DONE);
      controller.close();
      ended.resolve();
    },
    async cancel() {
      await events.return(undefined).catch(() => {});
      ended.resolve();
    },
  });
  return { response: new Response(body, { headers: streamHeaders }), ended: ended.promise };
}

function written(event: VoiceEvent): Uint8Array {
  if (event.type === "error") return sseData(openaiErrors.write(event.error, null).body);
  if (event.type !== "speech.audio.delta") return sseData(event);
  return sseData({ type: event.type, audio: event.bytes.toBase64() });
}
