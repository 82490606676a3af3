import { reasoningText } from "./reasoning_fields.ts";

/*
 * What a model thinks, between tags at the very start of its text: `<think>` (DeepSeek-R1 and its
 * distillates, its model card "Usage recommendations", 20 January 2025; Qwen3, its model card, 29 April
 * 2025; MiniMax-M2, its API reference "Interleaved thinking", November 2025) from servers that run
 * without a reasoning parser (vLLM and SGLang, "Reasoning outputs"; llama.cpp with `--reasoning-format
 * none`), `<thought>` from Gemini's OpenAI-compatible API ("OpenAI compatibility", include_thoughts),
 * `[THINK]` from Magistral (its model card, 10 June 2025), `<seed:think>` from Seed-OSS (its model card,
 * 20 August 2025). MiniMax also has the same thoughts in reasoning_content (vellum-assistant#34556, 11 June
 * 2026): there they are dropped from the text. A tag anywhere else is text, for an answer may be about tags, and so is one that is
 * never closed in an answer that ends. So are `<thinking>` and `<reasoning>`, which prompts ask for and
 * clients read from the text (Anthropic's "Chain of thought prompting", CopilotKit's "Reasoning", 30
 * November 2026).
 *
 * Where the template of a model opens the tag itself, the text has only its end: DeepSeek-R1
 * (open-webui#9808, 11 February 2025; llama.cpp#11861), QwQ, and Qwen3's Thinking models, whose cards say
 * so. In an answer that is read as a whole, an end that stands alone in its line tells it. A stream has
 * given its text away by then, so it is one of these models whose text begins with thoughts, unless they
 * came in a field or the request is about them. Where no end comes, it was all text.
 */

const TAGS = ["<think>", "<thought>", "<seed:think>", "[THINK]"];

/** Models whose template opens the tag, and the end of it. */
const OPENED = /\b(deepseek-r1|qwq|qwen3-[\w.-]*thinking)/i;
const END = "</think>";

/** Fields of a request that turn thoughts off, or say where they go. */
const ABOUT_THOUGHTS = [
  "chat_template_kwargs",
  "enable_thinking",
  "include_reasoning",
  "reasoning",
  "reasoning_effort",
  "reasoning_format",
  "thinking",
];

/** Characters of blanks in front of a tag; what has more begins with a text. */
const MOST_BLANKS = 64;

/** A message or a piece of one, as far as it matters here. */
interface Fields {
  [field: string]: unknown;
  content?: string | null;
}

/** How an answer ends: as one, with calls of tools, or before its end. */
export type Ending = "answer" | "calls" | "cut";

/** The ending of an answer by its reason, in OpenAI's words. */
export function endingOf(reason: string): Ending {
  return reason === "stop" ? "answer" : reason === "tool_calls" ? "calls" : "cut";
}

/** Separates the thoughts at the start of a text from the rest, piece by piece. */
export interface ThoughtTags {
  /** A piece with its thoughts in `reasoning_content`; what may become a tag is held back. */
  take<Piece extends Fields>(piece: Piece): Piece;
  /**
   * What was held back, when the answer ends. If it continues nevertheless, all of it is text.
   *
   * @param ending How it ends. An open tag was text in an answer that ends, and one that was not
   * written also in one that calls tools: then all of it is returned, although its pieces were
   * thoughts.
   */
  end(ending: Ending): { content?: string; wereThoughts?: true };
}

/** Whether the answer to a request is likely to begin with thoughts whose tag is not written. */
export function beginsInThoughts(sent: unknown): boolean {
  const { model, ...fields }: Record<string, unknown> = Object(sent);
  return OPENED.test(String(model)) && !ABOUT_THOUGHTS.some((field) => field in fields);
}

/**
 * Begins with the text of an answer.
 *
 * @param isOpened Whether a text without a tag begins with thoughts.
 */
export function createThoughtTags(isOpened = false): ThoughtTags {
  let state: "start" | "thoughts" | "gap" | "text" = "start";
  /** Whether a tag was written. */
  let isTagged = false;
  let close = "";
  /** All of it as long as a tag is open, in case it is never closed. */
  let raw = "";
  /** What may be a part of a tag, or the blanks around one. */
  let held = "";
  let hasThought = false;
  /** The thoughts in a field of their own, and those between tags beside it. */
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

/** A whole message with the thoughts in front of its text in `reasoning_content`. */
export function withoutThoughtTags<Message extends Fields>(
  message: Message,
  ending: Ending,
): Message {
  const tags = createThoughtTags();
  const read = tags.take(message);
  const { content = "" } = tags.end(ending);
  if (read === message) return message;
  // What was a tag after all is told as the text alone.
  if (content !== "" && reasoningText(read) !== reasoningText(message)) return message;
  return { ...read, content: (read.content ?? "") + content || null };
}

/** Whether a text has the end of a tag that it does not open, alone in its line. */
function endsThoughts(text: string): boolean {
  const [thoughts = "", rest] = text.split(END, 2);
  return rest !== undefined && /(^|\n)[ \t]*$/.test(thoughts) && /^[ \t\r]*(\n|$)/.test(rest) &&
    !TAGS.some((tag) => thoughts.includes(tag)) && thoughts.split("```").length % 2 === 1;
}

/** Whether two texts are the same as far as both have come. */
function agree(a: string, b: string): boolean {
  const [one, other] = [a.trim(), b.trim()];
  return one.startsWith(other) || other.startsWith(one);
}

/** How much of a tag a text ends with. */
function startedOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
