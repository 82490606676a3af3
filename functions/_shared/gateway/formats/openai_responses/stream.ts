import type { ApiError } from "../../../core/errors.ts";
import { sseEvents, streamHeaders } from "../../respond/stream/sse_writer.ts";
import { readUsage } from "../../quirks/usage_shapes.ts";
import type { Answer } from "../../settle/outcome.ts";
import { createContinuation } from "../../quirks/continuation_fields.ts";
import type { AnswerContext, StreamedAnswer, WholeAnswer } from "../format.ts";
import { readCompletion } from "../openai_chat/completion.ts";
import { readChatStream } from "../openai_chat/read_stream.ts";
import { recordingIn, storedStream } from "../openai_chat/replay.ts";
import { createReplayLog, type Recording } from "../openai_chat/replay_log.ts";
import { failureOf } from "./errors.ts";
import { ResponseEvents } from "./events.ts";
import { turnIdOf } from "./ids.ts";
import { isPart } from "./parts.ts";
import type { ResponsesRequest } from "./request.ts";
import type { ResponseFrame } from "./response.ts";
import { idOf } from "./ids.ts";
import { responsesUsage } from "./usage.ts";

/** The constant fields of a turn's response. */
export function frameOf(
  { body: { asked, created }, turn, route }: AnswerContext<ResponsesRequest>,
): ResponseFrame {
  const { input: _input, ...echo } = asked;
  return {
    turnId: turn.turn_id,
    created,
    model: turn.model,
    vendor: route.vendor_id,
    asked: echo,
  };
}

/** Reads an answer that came in one piece, see {@linkcode readCompletion}. */
export function readResponse(
  text: string,
  context: AnswerContext<ResponsesRequest>,
): WholeAnswer {
  const { answer, body } = readCompletion(text, { ...context, body: context.body.chat });
  const choices: unknown = Reflect.get(body, "choices");
  // SAFETY: `readCompletion` writes one choice with a message.
  const [{ message }] = choices as [{ message: Record<string, unknown> }];
  const events = new ResponseEvents(frameOf(context));
  takeMessage(events, message);
  events.end(endOf(answer, context.now()));
  return { answer, body: events.response() };
}

/** Adds a complete message to the events. */
export function takeMessage(
  events: ResponseEvents,
  { tool_calls, ...said }: Record<string, unknown>,
): ReturnType<ResponseEvents["take"]> {
  const calls = Array.isArray(tool_calls) ? tool_calls.filter(isPart) : [];
  return events.take({
    ...said,
    ...calls.length > 0 && { tool_calls: calls.map((call, index) => ({ ...call, index })) },
  });
}

function endOf(answer: Answer, now: number) {
  return {
    finishReason: answer.finish_reason,
    usage: responsesUsage(answer.usage),
    continuation: answer.continuation ?? null,
    completedAt: Math.floor(now / 1000),
  };
}

/** Translates the chunks of one upstream's answer into the events of a response. */
export function openResponseStream(
  context: AnswerContext<ResponsesRequest>,
  replayBytes: number | null,
): StreamedAnswer {
  const frame = frameOf(context);
  const events = new ResponseEvents(frame);
  const log = replayBytes === null ? null : createReplayLog(replayBytes);

  return readChatStream(context, {
    chunk(chunk) {
      log?.take(chunk);
      const taken = events.take(chunk.delta ?? {});
      return taken.length > 0 ? sseEvents(taken) : null;
    },
    end: (answer) => sseEvents(events.end(endOf(answer, context.now()))),
    fail: (error: ApiError, answer) =>
      sseEvents(events.fail(failureOf(error), responsesUsage(answer.usage))),
    stored(answer) {
      const { turnId, created, model, vendor } = frame;
      const identity = { id: idOf("resp", turnId), created, model, opening: vendor };
      return log && storedStream(log, identity, answer);
    },
  });
}

/** Replays a stored answer; a streamed one event by event. */
export function replayResponse(stored: object, { asked, chat }: ResponsesRequest): Response {
  if (!chat.stream) return Response.json(stored);
  const recording = recordingIn(stored);
  const { input: _input, ...echo } = asked;
  const { id, created, model, opening } = recording.identity;
  const events = new ResponseEvents({
    turnId: turnIdOf(id) ?? id,
    created,
    model,
    vendor: typeof opening === "string" ? opening : "",
    asked: echo,
  });
  const played = play(recording, events);
  if (asked.stream) return new Response(ReadableStream.from(played), { headers: streamHeaders });
  for (const _ of played) { /* The response is what is left at the end. */ }
  return Response.json(events.response());
}

function* play(
  { identity: { created }, usage, chunks }: Recording,
  events: ResponseEvents,
): Generator<Uint8Array> {
  const continuation = createContinuation();
  let finishReason: string | null = null;
  for (const chunk of chunks()) {
    finishReason = chunk.finishReason ?? finishReason;
    if (chunk.wereThoughts) continuation.dropThoughts();
    continuation.take(chunk.delta ?? {});
    yield sseEvents(events.take(chunk.delta ?? {}));
  }
  const measured = usage && readUsage(usage)?.usage;
  const counted = measured && { ...measured, estimated: "estimated" in usage };
  const end = {
    finishReason,
    usage: responsesUsage(counted ?? null),
    continuation: continuation.value(),
    completedAt: created,
  };
  yield sseEvents(events.end(end));
}
