import { reasoningText } from "./reasoning_fields.ts";

/*
 * Reasoning between tags at the very start of the text: `<think>` (DeepSeek-R1 and its distillates,
 * its model card "Usage recommendations", 20 January 2025; Qwen3, its model card, 29 April 2025;
 * MiniMax-M2, its API reference "Interleaved thinking", November 2025) from servers that run
 * without a reasoning parser (vLLM and SGLang, "Reasoning outputs"; llama.cpp with
 * `--reasoning-format none`), `<thought>` from Gemini's OpenAI-compatible API ("OpenAI
 * compatibility", include_thoughts), `[THINK]` from Magistral (its model card, 10 June 2025),
 * `<seed:think>` from Seed-OSS (its model card, 20 August 2025). MiniMax may send the same
 * reasoning in reasoning_content too (vellum-assistant#34556, 11 June 2026); then it is removed
 * from the text. A tag anywhere else is text, as an answer may be about tags; so is a tag that is
 * never closed in a complete answer. `<thinking>` and `<reasoning>` are also text: prompts ask for
 * them and clients parse them (Anthropic's "Chain of thought prompting", CopilotKit's "Reasoning",
 * 30 November 2026).
 *
 * If the chat template of a model opens the tag, the text contains only the closing tag:
 * DeepSeek-R1 (open-webui#9808, 11 February 2025; llama.cpp#11861), QwQ, and Qwen3's Thinking
 * models, by their model cards. An unstreamed answer is recognized by a closing tag alone in its
 * line. In a stream the text before that tag has already been sent, so the text of these models is
 * taken to begin with reasoning, unless reasoning arrived in a field or the request configures it.
 * Without a closing tag, all of it was text.
 */

const TAGS = ["<think>", "<thought>", "<seed:think>", "[THINK]"];

/** Models whose chat template opens the tag, and the closing tag. */
const OPENED = /\b(deepseek-r1|qwq|qwen3-[\w.-]*thinking)/i;
const END = "</think>";

/** Fields of a request that turn reasoning off, or determine where it is sent. */
const ABOUT_THOUGHTS = [
  "chat_template_kwargs",
  "enable_thinking",
  "include_reasoning",
  "reasoning",
  "reasoning_effort",
  "reasoning_format",
  "thinking",
];

/** The most white space before a tag, in characters. */
const MOST_BLANKS = 64;

/** The fields of a message, or of a piece of one, that matter here. */
interface Fields {
  [field: string]: unknown;
  content?: string | null;
}

/** How an answer ends: complete, with tool calls, or cut off. */
export type Ending = "answer" | "calls" | "cut";

/** Derives the ending from OpenAI's finish reason. */
export function endingOf(reason: string): Ending {
  return reason === "stop" ? "answer" : reason === "tool_calls" ? "calls" : "cut";
}

/** Separates reasoning at the start of a text from the rest, piece by piece. */
export interface ThoughtTags {
  /**
   * Moves the reasoning of a piece to `reasoning_content`; text that may become a tag is held back.
   */
  take<Piece extends Fields>(piece: Piece): Piece;
  /**
   * Returns the text that was held back, when the answer ends. Anything after that is text.
   *
   * @param ending How the answer ends. An unclosed tag was text if the answer is complete; an
   * implied tag also if it calls tools. Then the whole text is returned, although its pieces were
   * passed on as reasoning.
   */
  end(ending: Ending): { content?: string; wereThoughts?: true };
}

/** Whether the answer to a request is likely to begin with reasoning without an opening tag. */
export function beginsInThoughts(sent: unknown): boolean {
  const { model, ...fields }: Record<string, unknown> = Object(sent);
  return OPENED.test(String(model)) && !ABOUT_THOUGHTS.some((field) => field in fields);
}

/**
 * Starts at the beginning of an answer's text.
 *
 * @param isOpened Whether a text without an opening tag begins with reasoning.
 */
export function createThoughtTags(isOpened = false): ThoughtTags {
  let state: "start" | "thoughts" | "gap" | "text" = "start";
  /** Whether the text has an opening tag. */
  let isTagged = false;
  let close = "";
  /** The whole text while a tag is open, in case it is never closed. */
  let raw = "";
  /** Text that may be a part of a tag, or white space around one. */
  let held = "";
  let hasThought = false;
  /** Reasoning from a separate field, and from between tags. */
  let inField = "";
  let inText = "";

  function open(): void {
    const begin = held.trimStart();
    const tag = TAGS.find((one) => begin.startsWith(one));
    if (tag !== undefined) {
      state = "thoughts";
      isTagged = true;
      close = tag.replace(/^./, "$&/");
      held = begin.slice(tag.length);
    } else if (
      held.length - begin.length > MOST_BLANKS || !TAGS.some((one) => one.startsWith(begin))
    ) {
      state = inField === "" && (isOpened || endsThoughts(begin)) ? "thoughts" : "text";
      close = END;
    }
  }

  function think(): string {
    const end = held.indexOf(close);
    const until = end < 0 ? held.length - startedOf(close, held) : end;
    const thoughts = held.slice(0, until).trimEnd();
    held = end < 0 ? held.slice(thoughts.length) : held.slice(end + close.length);
    if (end >= 0) state = "gap";
    const more = hasThought ? thoughts : thoughts.trimStart();
    hasThought ||= more !== "";
    return more;
  }

  function read(more: string): { thoughts: string; text: string } {
    raw += more;
    held += more;
    if (state === "start") open();
    const thoughts = state === "thoughts" ? think() : "";
    if (inField !== "" && thoughts !== "" && !agree(inField, inText += thoughts)) {
      state = "text";
      held = raw;
    }
    if (state === "gap") held = held.trimStart();
    if (state === "gap" && held !== "") state = "text";
    if (state !== "text") return { thoughts, text: "" };
    const text = held;
    raw = held = "";
    return { thoughts, text };
  }

  return {
    take(piece) {
      if (state !== "text") inField += reasoningText(piece);
      const { content, reasoning_content } = piece;
      if (typeof content !== "string" || content === "") return piece;
      if (state === "text" && held === "") return piece;
      const { thoughts, text } = read(content);
      if (inField !== "") return { ...piece, content: text };
      const before = typeof reasoning_content === "string" ? reasoning_content : "";
      return {
        ...piece,
        content: text,
        ...thoughts !== "" && { reasoning_content: before + thoughts },
      };
    },
    end(ending) {
      const wereThoughts = state === "thoughts" && inField === "";
      const isText = ending === "answer" || (ending === "calls" && !isTagged);
      const text = wereThoughts ? (isText ? raw : "") : state === "thoughts" ? "" : held;
      raw = held = "";
      if (text === "") return {};
      state = "text";
      return { content: text, ...wereThoughts && { wereThoughts } };
    },
  };
}

/** Moves reasoning at the start of a whole message's text to `reasoning_content`. */
export function withoutThoughtTags<Message extends Fields>(
  message: Message,
  ending: Ending,
): Message {
  const tags = createThoughtTags();
  const read = tags.take(message);
  const { content = "" } = tags.end(ending);
  if (read === message) return message;
  // The unclosed tag turned out to be text, so nothing is moved.
  if (content !== "" && reasoningText(read) !== reasoningText(message)) return message;
  return { ...read, content: (read.content ?? "") + content || null };
}

/** Whether a text has a closing tag alone in its line, without an opening one. */
function endsThoughts(text: string): boolean {
  const [thoughts = "", rest] = text.split(END, 2);
  return rest !== undefined && /(^|\n)[ \t]*$/.test(thoughts) && /^[ \t\r]*(\n|$)/.test(rest) &&
    !TAGS.some((tag) => thoughts.includes(tag)) && thoughts.split("```").length % 2 === 1;
}

/** Whether one of two texts begins with the other. */
function agree(a: string, b: string): boolean {
  const [one, other] = [a.trim(), b.trim()];
  return one.startsWith(other) || other.startsWith(one);
}

/** The length of the longest beginning of a tag with which a text ends. */
function startedOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
