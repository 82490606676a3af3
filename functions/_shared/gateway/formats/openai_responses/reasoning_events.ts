import type { OutputItem, Unnumbered } from "./output_item.ts";

/** A reasoning item, with the reasoning as its summary: clients display nothing else of it. */
export interface ReasoningItem extends OutputItem {
  think(text: string): Unnumbered[];
  /** The events that end its text, once other output begins. */
  rest(): Unnumbered[];
  /** Sets its `encrypted_content`, see {@linkcode carry}. */
  encrypt(content: string): void;
}

/** Makes an item. */
export function createReasoningItem(id: string, index: number): ReasoningItem {
  const about = { item_id: id, output_index: index, summary_index: 0 };
  let text = "";
  let state: "new" | "thinking" | "resting" | "closed" = "new";
  let encrypted: string | null = null;
  let status = "in_progress";

  const part = () => ({ type: "summary_text", text });
  const item = () => ({
    id,
    type: "reasoning",
    summary: state === "new" || (state === "closed" && text === "") ? [] : [part()],
    ...encrypted !== null && { encrypted_content: encrypted },
    status,
  });

  function rest(): Unnumbered[] {
    if (state !== "thinking") return [];
    state = "resting";
    return [
      { type: "response.reasoning_summary_text.done", ...about, text },
      { type: "response.reasoning_summary_part.done", ...about, part: part() },
    ];
  }

  return {
    id,
    index,
    item,
    rest,
    think(delta) {
      const opened: Unnumbered[] = state === "new"
        ? [{
          type: "response.reasoning_summary_part.added",
          ...about,
          part: { type: "summary_text", text: "" },
        }]
        : [];
      if (state !== "new" && state !== "thinking") return [];
      state = "thinking";
      text += delta;
      return [...opened, { type: "response.reasoning_summary_text.delta", ...about, delta }];
    },
    encrypt(content) {
      encrypted = content;
    },
    close(closed) {
      if (state === "closed") return [];
      const events = rest();
      state = "closed";
      status = closed;
      return [...events, { type: "response.output_item.done", output_index: index, item: item() }];
    },
  };
}
