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
  KEEPALIVE,
  sseData,
  streamHeaders,
} from "../_shared/gateway/respond/stream/sse_writer.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { parseBody } from "../_shared/http/parse_body.ts";
import { readForm } from "../_shared/http/read_form.ts";
import { logError } from "../_shared/http/respond.ts";
import { voiceTurnSchema } from "./voice_schema.ts";
import type { VoiceContext } from "./voice_context.ts";
import { runVoiceTurn, type VoiceEvent } from "./voice_turn.ts";

/**
 * Answers a recording with speech: as events while it is made, or in one piece.
 *
 * @throws {ApiError} If transcription failed; without streaming also if the answer failed.
 */
export async function answerVoice(
  request: Request,
  { caller, context, deps }: Pick<VoiceContext, "caller" | "context" | "deps">,
): Promise<Response> {
  const admitted = deps.admission.enter(request);
  try {
    const body = parseBody(voiceTurnSchema, await readForm(request, MAX_FORM, admitted.arrived));
    assertRecording(body.file);
    const key = readIdempotencyKey(request.headers);
    const execution = executionHeaders(request.headers);
    const left = new AbortController();
    const events = runVoiceTurn({ body, caller, context, deps, key, execution, left: left.signal });
    const isStreamed = body.stream === "true";
    // An error before this event is answered as an HTTP error.
    const begun = await until(isStreamed ? "transcript.text.done" : TEXT, events);
    const keepalive = isStreamed ? KEEPALIVE : SPACE;
    const sink = createClientSink(deps.limits, new AbortController().signal, keepalive);
    sink.gone.addEventListener("abort", () => left.abort());
    const answer = { events: all(begun, events), sink, context };
    const sent = isStreamed ? send(answer) : sendWhole(answer);
    // The recording is held until the answer has ended.
    context.until(sent.finally(admitted.leave));
    const headers = isStreamed ? streamHeaders : { "content-type": "application/json" };
    return new Response(sink.stream, { headers });
  } catch (thrown) {
    admitted.leave();
    throw thrown;
  }
}

/** The event after which only speech follows, whose failure is part of the answer. */
const TEXT = "response.output_text.done";

/**
 * Keeps the connection open until an unstreamed answer is ready. JSON may begin with white space.
 */
const SPACE = new TextEncoder().encode("\n");

/** The events up to one of a type, or all of them. */
async function until(
  type: VoiceEvent["type"],
  events: AsyncGenerator<VoiceEvent>,
): Promise<VoiceEvent[]> {
  const begun: VoiceEvent[] = [];
  for (let next = await events.next(); !next.done; next = await events.next()) {
    begun.push(next.value);
    if (next.value.type === type) break;
  }
  return begun;
}

/** The events so far, and those that follow. */
async function* all(
  begun: readonly VoiceEvent[],
  events: AsyncGenerator<VoiceEvent>,
): AsyncGenerator<VoiceEvent> {
  yield* begun;
  yield* events;
}

/** @throws {ApiError} 400 for values that are not ids. */
function executionHeaders(headers: Headers): Record<string, string> {
  if (!namedExecution(headers)) return {};
  return Object.fromEntries(EXECUTION_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value ? [[name, value]] : [];
  }));
}

/** An answer whose headers are sent. */
interface BegunAnswer {
  events: AsyncGenerator<VoiceEvent>;
  sink: ClientSink;
  context: RequestContext;
}

/**
 * Sends the answer in one piece. When the client disconnects, the turn ends after the current part.
 */
async function sendWhole({ events, sink, context }: BegunAnswer): Promise<void> {
  try {
    const encoder = new TextEncoder();
    for (const part of jsonOf(await collect(events))) {
      sink.write(encoder.encode(part));
      await sink.ready();
    }
    sink.close();
  } catch (thrown) {
    logError(context.fields, toApiError(thrown));
    sink.breakOff();
  }
}

async function collect(events: AsyncGenerator<VoiceEvent>) {
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
  for await (const event of events) {
    if (event.type === "transcript.text.done") answer.transcript = event.text;
    else if (event.type === "response.output_text.done") answer.text = event.text;
    else if (event.type === "speech.audio.delta") pieces.push(event.bytes);
    else if (event.type === "speech.audio.done") characters = event.characters;
    else if (event.type === "error") {
      error = { message: event.error.message, code: event.error.code };
    } else if (event.type === "audio.turn.done") ends = event;
  }
  const { session_id, format, recording, audio } = ends;
  return {
    answer: { object: "audio.turn", session_id, ...answer, recording, error },
    audio: pieces.length > 0 ? { format, path: audio, characters } : null,
    pieces,
  };
}

/** The JSON of an answer in parts: as one text, the audio would be in memory several times. */
function* jsonOf(
  { answer, audio, pieces }: Awaited<ReturnType<typeof collect>>,
): Generator<string> {
  yield `${JSON.stringify(answer).slice(0, -1)},"audio":`;
  if (audio === null) {
    yield "null}";
    return;
  }
  yield `${JSON.stringify(audio).slice(0, -1)},"data":"`;
  yield* base64Of(pieces);
  yield '"}}';
}

/** Encodes pieces, which are removed from the list, as one text in parts. */
function* base64Of(pieces: Uint8Array[]): Generator<string> {
  let rest: Uint8Array = new Uint8Array();
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    const bytes = joinBytes([rest, piece]);
    // Three bytes become four characters.
    const whole = bytes.length - bytes.length % 3;
    yield bytes.subarray(0, whole).toBase64();
    rest = bytes.subarray(whole);
  }
  yield rest.toBase64();
}

/**
 * Sends the events as they occur. When the client disconnects or stops reading, the turn ends after
 * the current part, which is recorded completely.
 */
async function send({ events, sink, context }: BegunAnswer): Promise<void> {
  try {
    for await (const event of events) {
      sink.write(written(event));
      await sink.ready();
    }
  } catch (thrown) {
    const error = toApiError(thrown);
    logError(context.fields, error);
    sink.write(sseData(openaiErrors.write(error, null).body));
  }
  sink.write(DONE);
  sink.close();
}

function written(event: VoiceEvent): Uint8Array {
  if (event.type === "error") return sseData(openaiErrors.write(event.error, null).body);
  if (event.type !== "speech.audio.delta") return sseData(event);
  return sseData({ type: event.type, audio: event.bytes.toBase64() });
}
