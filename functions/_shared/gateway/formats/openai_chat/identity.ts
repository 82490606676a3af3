import type { AnswerContext } from "../format.ts";
import type { AnswerIdentity } from "./chunk_writer.ts";

/** What an answer is called, whole or streamed. */
export function identityOf<Body>({ turn, now }: AnswerContext<Body>): AnswerIdentity {
  return {
    id: `chatcmpl-${turn.turn_id.replaceAll("-", "")}`,
    created: Math.floor(now() / 1000),
    model: turn.model,
  };
}
