import { OpenAI, OpenAIResponses } from "@llamaindex/openai";
import { z } from "zod";
import { type Access, add, type Client, HELLO, QUESTION, summands, total } from "./client.ts";

/** Where the API's answers and events have their usage. */
const usageSchema = z.object({
  prompt_tokens: z.number().optional(),
  completion_tokens: z.number().optional(),
  input_tokens: z.number().optional(),
  output_tokens: z.number().optional(),
});
const rawSchema = z.object({
  type: z.string().optional(),
  usage: usageSchema.nullish(),
  response: z.object({ usage: usageSchema.nullish() }).optional(),
});

/** The event of `/responses` with a piece of text. */
const DELTA = "response.output_text.delta";

/** LlamaIndex.TS with `/chat/completions`. It cannot cancel an answer. */
export function llamaIndexChat(access: Access): Client {
  const additionalChatOptions = { stream_options: { include_usage: true } };
  const llm = new OpenAI(access);
  const json_schema = { name: "sum", schema: z.toJSONSchema(total) };
  return client(
    llm,
    { additionalChatOptions },
    { additionalChatOptions: { response_format: { type: "json_schema", json_schema } } },
  );
}

/** LlamaIndex.TS with `/responses`, set to store responses: by default it sends `store: false`. */
export function llamaIndexResponses(access: Access): Client {
  const format = { type: "json_schema", name: "sum", schema: z.toJSONSchema(total) };
  return client(
    // SAFETY: both have the same methods, and options of their own.
    new OpenAIResponses({ ...access, store: true }) as never,
    {},
    // SAFETY: likewise.
    { additionalChatOptions: { text: { format } } } as never,
  );
}

type Options = Pick<Parameters<OpenAI["chat"]>[0], "additionalChatOptions">;

function client(
  llm: Pick<OpenAI, "chat" | "exec">,
  whenStreamed: Options,
  whenObject: Options,
): Client {
  const asking = (content: string) => ({ messages: [{ role: "user" as const, content }] });
  return {
    async whole() {
      const { message, raw } = await llm.chat(asking(HELLO));
      return { text: String(message.content), tokens: tokensOf(raw) };
    },
    async streamed() {
      const stream = await llm.chat({ ...asking(HELLO), ...whenStreamed, stream: true });
      const pieces = await Array.fromAsync(stream);
      // With /responses it repeats the latest piece with each following event (0.4.23).
      const isSaid = (raw: unknown) => {
        const { type = DELTA } = rawSchema.parse(raw);
        return type === DELTA;
      };
      const text = pieces.map(({ raw, delta }) => isSaid(raw) ? delta : "").join("");
      return { text, tokens: tokensOf(pieces.at(-1)?.raw) };
    },
    async useTool() {
      const metadata = { name: "add", description: "Adds", parameters: z.toJSONSchema(summands) };
      const { messages } = asking(QUESTION);
      const tools = [{ call: add, metadata }];
      const first = await llm.exec({ messages, tools });
      const second = await llm.exec({ messages: [...messages, ...first.newMessages], tools });
      return String(second.newMessages[0]?.content);
    },
    async object() {
      const { message } = await llm.chat({ ...asking(QUESTION), ...whenObject });
      return JSON.parse(String(message.content));
    },
  };
}

function tokensOf(raw: unknown) {
  const { usage, response } = rawSchema.parse(raw);
  const counted = usage ?? response?.usage;
  return [
    counted?.prompt_tokens ?? counted?.input_tokens,
    counted?.completion_tokens ?? counted?.output_tokens,
  ];
}
