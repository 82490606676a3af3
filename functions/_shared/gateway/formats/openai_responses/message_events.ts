import type { Delta } from "../openai_chat/chunk.ts";
import type { OutputItem, Unnumbered } from "./output_item.ts";
import { outputText } from "./parts.ts";

/** The item of a message: text, or a refusal. */
export interface MessageItem extends OutputItem {
  say(delta: Delta): Unnumbered[];
}

/** One part of a message. */
interface OpenPart {
  kind: "text" | "refusal";
  text: string;
}

/** Makes an item. */
export function createMessageItem(id: string, index: number): MessageItem {
  const parts: OpenPart[] = [];
  let status = "in_progress";
  let isClosed = false;

  const written = ({ kind, text }: OpenPart) =>
    kind === "text" ? outputText(text) : { type: "refusal", refusal: text };
  const item = () => ({
    id,
    type: "message",
    role: "assistant",
    status,
    content: parts.map(written),
  });
  const about = (at: number) => ({ item_id: id, output_index: index, content_index: at });

  function add(kind: OpenPart["kind"], delta: string): Unnumbered[] {
    const events: Unnumbered[] = [];
    let at = parts.findIndex((part) => part.kind === kind);
    if (at < 0) {
      at = parts.push({ kind, text: "" }) - 1;
      const part = written({ kind, text: "" });
      events.push({ type: "response.content_part.added", ...about(at), part });
    }
    // SAFETY: the part exists, as it was found or has just been added.
    parts[at]!.text += delta;
    const name = kind === "text" ? "output_text" : "refusal";
    const logprobs = kind === "text" ? { logprobs: [] } : {};
    return [...events, { type: `response.${name}.delta`, ...about(at), delta, ...logprobs }];
  }

  function endOf(part: OpenPart, at: number): Unnumbered[] {
    const { kind, text } = part;
    const done = kind === "text"
      ? { type: "response.output_text.done", ...about(at), text, logprobs: [] }
      : { type: "response.refusal.done", ...about(at), refusal: text };
    return [done, { type: "response.content_part.done", ...about(at), part: written(part) }];
  }

  return {
    id,
    index,
    item,
    say: ({ content, refusal }) => [
      ...content ? add("text", content) : [],
      ...refusal ? add("refusal", refusal) : [],
    ],
    close(closed) {
      if (isClosed) return [];
      [isClosed, status] = [true, closed];
      const done = { type: "response.output_item.done", output_index: index, item: item() };
      return [...parts.flatMap(endOf), done];
    },
  };
}
