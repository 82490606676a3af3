import { readCompletion } from "../openai_chat/completion.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import { assistantBlocks, type ChatMessage } from "./assistant.ts";
import { isPiece, objectIn, type Piece } from "./blocks.ts";
import type { MessagesRequest } from "./request.ts";
import type { MessagesBody } from "./schema.ts";
import { messageEnd } from "./stop_reasons.ts";
import { messagesUsage } from "./usage.ts";

/** The identity of an answer, streamed or not. */
export interface MessageIdentity {
  id: string;
  model: string;
  /** Whether the client asked for the model's reasoning. */
  thinks: boolean;
}

/** The identity of a turn's answer. */
export function identityOf({ body, turn }: AnswerContext<MessagesRequest>): MessageIdentity {
  return {
    id: `msg_${turn.turn_id.replaceAll("-", "")}`,
    model: turn.model,
    thinks: wantsThoughts(body.asked),
  };
}

/**
 * Whether a client asks for reasoning. A client that does not ask for it treats the first block as
 * the answer.
 */
export function wantsThoughts({ thinking }: MessagesBody): boolean {
  return thinking != null && thinking.type !== "disabled";
}

/** The fields of a message before any content is known. */
export function messageFrame({ id, model }: MessageIdentity) {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    container: null,
    diagnostics: null,
    stop_details: null,
  };
}

/** Reads an answer that came in one piece, see {@linkcode readCompletion}. */
export function readMessage(text: string, context: AnswerContext<MessagesRequest>): WholeAnswer {
  const { answer, body } = readCompletion(text, { ...context, body: context.body.chat });
  // SAFETY: `readCompletion` writes one choice with a message.
  const [choice] = Reflect.get(body, "choices") as [{ message: ChatMessage }];
  return { answer, body: messageOf(identityOf(context), choice, answer.usage) };
}

function messageOf(
  identity: MessageIdentity,
  choice: { message: ChatMessage },
  usage: TurnUsage | null,
): object {
  const { message } = choice;
  const { content } = objectIn(message, "anthropic");
  const blocks = Array.isArray(content) ? content.filter(isPiece) : assistantBlocks(message, true);
  const finish: unknown = Reflect.get(choice, "finish_reason");
  const refused = message.content === null && Boolean(message.refusal);
  return {
    ...messageFrame(identity),
    content: blocks.filter((block) => identity.thinks || !isThought(block)),
    ...messageEnd(typeof finish === "string" ? finish : null, choice, refused),
    usage: messagesUsage(usage),
  };
}

function isThought({ type }: Piece): boolean {
  return type === "thinking" || type === "redacted_thinking";
}
