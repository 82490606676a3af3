import { z } from "zod";
import type { ApiError } from "../../../core/errors.ts";
import type { CalledEndpoint } from "../../call/endpoint.ts";
import { errorIn, parseUpstreamJson } from "../../call/upstream_json.ts";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import { createSseParser } from "../../respond/stream/sse_parser.ts";
import { joinBytes, sseEvents } from "../../respond/stream/sse_writer.ts";
import type { TurnUsage } from "../../settle/outcome.ts";

const LAST = "speech.audio.done";

const eventSchema = z.looseObject({ type: z.string(), audio: z.base64().nullish() });

/** The result of reading a piece of an upstream's stream. */
export interface AudioPiece {
  audio: Uint8Array;
  isLast: boolean;
  measured: Measured | null;
  error: ApiError | null;
}

/** Reads a piece of an upstream's stream as audio; null stands for its end. */
export type AudioReader = (bytes: Uint8Array | null) => AudioPiece;

const NOTHING = new Uint8Array();

/** Reads a stream of raw audio, whose end is the end of the body. */
export const readBytes: AudioReader = (bytes) => ({
  audio: bytes ?? NOTHING,
  isLast: bytes === null,
  measured: null,
  error: null,
});

/** Reads audio that is sent as events, the last of which has the usage. */
export function createEventReader(endpoint: CalledEndpoint): AudioReader {
  const parser = createSseParser();
  return (bytes) => {
    const pieces: Uint8Array[] = [];
    const piece: AudioPiece = { audio: NOTHING, isLast: false, measured: null, error: null };
    for (const { data } of bytes ? parser.push(bytes) : parser.end()) {
      if (data === "[DONE]") continue;
      const json = parseUpstreamJson(data, "speech event");
      piece.error ??= errorIn(json, endpoint);
      const event = eventSchema.safeParse(json).data;
      if (event?.audio) pieces.push(Uint8Array.fromBase64(event.audio));
      if (event?.type !== LAST) continue;
      piece.isLast = true;
      piece.measured = measureIn(json);
    }
    return { ...piece, audio: joinBytes(pieces) };
  };
}

/** Writes audio as an event. */
export function audioEvent(audio: Uint8Array): Uint8Array {
  const event = { type: "speech.audio.delta", audio: audio.toBase64() };
  return sseEvents([event]);
}

/** Writes the last event. */
export function lastEvent(
  { input_tokens, output_tokens }: Pick<TurnUsage, "input_tokens" | "output_tokens">,
): Uint8Array {
  const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
  const event = { type: LAST, usage };
  return sseEvents([event]);
}
