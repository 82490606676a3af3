import { z } from "zod";
import { ApiError } from "../_shared/core/errors.ts";
import { type ErrorCode, isErrorCode } from "../_shared/core/error_codes.ts";
import { sha256Hex } from "../_shared/core/hash.ts";
import type { WireFormat } from "../_shared/gateway/formats/format.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import { speech } from "../_shared/gateway/formats/speech/format.ts";
import { transcription } from "../_shared/gateway/formats/transcription/format.ts";
import { createSseParser } from "../_shared/gateway/respond/stream/sse_parser.ts";
import { runTurn } from "../_shared/gateway/run_turn.ts";
import { ADMITTED } from "../_shared/http/admission.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { payloadOf } from "../_shared/http/upload.ts";
import type { AskedVoice } from "./voice_turn.ts";
import type { SPOKEN_FORMS, VoiceSession } from "./voice_schema.ts";

/** The three turns of a voice turn. Each is limited, reserved, priced and settled as any other. */
export interface VoiceParts {
  transcribe(): Promise<string>;
  /** The text of the answer, as it is made. */
  answer(transcript: string): AsyncGenerator<string>;
  /** Waits until the answer is settled. @returns its turn; null where it did not begin, or is a repetition. */
  answered(): Promise<string | null>;
  /** The audio of a text, as it is made. */
  speak(text: string, form: typeof SPOKEN_FORMS[number]): AsyncGenerator<Uint8Array>;
}

const transcriptSchema = z.object({ text: z.string() });

const chunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() }))
    .nullish(),
  error: z.object({ message: z.string(), code: z.string().nullish() }).nullish(),
});

/** The `Idempotency-Key` of a part, from that of the whole: a hash, for the whole's may be of any length. */
export async function partKey(key: string, kind: string): Promise<string> {
  return await sha256Hex(`${kind}:${key}`);
}

/** Puts the parts together. @param voice What it speaks with. */
export function createParts(asked: AskedVoice, session: VoiceSession, voice: string): VoiceParts {
  const { body, caller, key } = asked;
  const deps = { ...asked.deps, admission: ADMITTED };
  let chat: PartContext | null = null;

  async function run<Body extends object>(
    format: WireFormat<Body>,
    fields: Record<string, unknown>,
    context: PartContext,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const payload = payloadOf(fields);
    const request = new Request(`http://voice${format.path}`, {
      method: "POST",
      headers: {
        ...payload.headers,
        ...headers,
        ...key !== null && { "idempotency-key": await partKey(key, format.kind) },
      },
      body: payload.body,
    });
    try {
      return await runTurn(request, caller, format, context, deps);
    } finally {
      Object.assign(asked.context.fields, context.fields);
      for (const [name, value] of context.headers) asked.context.headers.set(name, value);
    }
  }

  return {
    async transcribe() {
      const language = body.language ?? session.language ?? undefined;
      const fields = { file: body.file, model: session.transcription_model, language };
      const response = await run(transcription, fields, partOf(asked.context, 1));
      return transcriptSchema.parse(await response.json()).text;
    },
    async *answer(transcript) {
      chat = partOf(asked.context, 2);
      const messages = [{ role: "user", content: transcript }];
      const fields = { ...body.model && { model: body.model }, messages, stream: true };
      const response = await run(openaiChat, fields, chat, { "x-session-id": session.session_id });
      yield* deltasOf(response);
    },
    async answered() {
      await chat?.ended();
      const turnId = chat?.fields.replayed ? null : chat?.fields.turn_id;
      return typeof turnId === "string" ? turnId : null;
    },
    async *speak(text, form) {
      const fields = {
        model: session.speech_model,
        input: text,
        voice,
        response_format: form,
        ...session.speed !== null && session.speed !== 1 && { speed: session.speed },
      };
      const response = await run(speech, fields, partOf(asked.context, 3));
      try {
        for await (const bytes of response.body ?? []) yield bytes;
      } catch (cause) {
        // Audio has no place for an error: its stream breaks off.
        throw new ApiError(
          "upstream_error",
          "The speech ended before it was complete. Send the request again.",
          { cause },
        );
      }
    },
  };
}

/** The text of a streamed answer. @throws {ApiError} What it says that went wrong. */
async function* deltasOf(response: Response): AsyncGenerator<string> {
  const parser = createSseParser();
  for await (const bytes of response.body ?? []) {
    for (const { data } of parser.push(bytes)) {
      if (data === "[DONE]") continue;
      const { choices, error } = chunkSchema.parse(JSON.parse(data));
      if (error) throw new ApiError(codeOf(error.code), error.message);
      for (const { delta } of choices ?? []) if (delta?.content) yield delta.content;
    }
  }
}

function codeOf(code: string | null | undefined): ErrorCode {
  return code && isErrorCode(code) ? code : "upstream_error";
}

/** The context of a part: an id of its own, and what outlives its answer. */
interface PartContext extends RequestContext {
  ended(): Promise<unknown>;
}

function partOf(context: RequestContext, number: number): PartContext {
  const pending: Promise<unknown>[] = [];
  return {
    ...context,
    requestId: `${context.requestId}_${number}`,
    headers: new Headers(),
    fields: {},
    until(work) {
      pending.push(work);
      context.until(work);
    },
    ended: () => Promise.allSettled(pending),
  };
}
