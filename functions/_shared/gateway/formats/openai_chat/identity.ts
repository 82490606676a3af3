import type { AnswerContext } from "../format.ts";
import type { AnswerIdentity } from "./chunk_writer.ts";

/** The identity of an answer, whole or streamed. */
export function identityOf<Body>({ turn, now }: AnswerContext<Body>): AnswerIdentity {
  return {
    id: `chatcmpl-${turn.turn_id.replaceAll("-", "")}`,
    created: Math.floor(now() / 1000),
    model: turn.model,
  };
}
