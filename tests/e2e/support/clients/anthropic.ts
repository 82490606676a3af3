import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import {
  type Access,
  add,
  type Client,
  HELLO,
  QUESTION,
  summands,
  total,
  untilLeft,
} from "./client.ts";

/** Anthropic's client. */
export function anthropicClient({ baseURL, apiKey, model }: Access): Client {
  const { messages } = new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ""), apiKey });
  const asking = (content: string) => ({
    model,
    max_tokens: 1000,
    messages: [{ role: "user" as const, content }],
  });
  const said = ({ content, usage }: Anthropic.Message) => ({
    text: textOf(content),
    tokens: [usage.input_tokens, usage.output_tokens],
  });
  return {
    whole: async () => said(await messages.create(asking(HELLO))),
    streamed: async () => said(await messages.stream(asking(HELLO)).finalMessage()),
    async useTool() {
      // SAFETY: the schema of an object.
      const input_schema = z.toJSONSchema(summands) as Anthropic.Tool.InputSchema;
      const first = { ...asking(QUESTION), tools: [{ name: "add", input_schema }] };
      const { content, stop_reason } = await messages.create(first);
      if (stop_reason !== "tool_use") throw new Error(`It stopped with ${stop_reason}`);
      const results = content.flatMap((block) =>
        block.type !== "tool_use" ? [] : [{
          type: "tool_result" as const,
          tool_use_id: block.id,
          content: add(summands.parse(block.input)),
        }]
      );
      const second = messages.stream({
        ...first,
        messages: [
          ...first.messages,
          { role: "assistant", content },
          { role: "user", content: results },
        ],
      });
      return textOf((await second.finalMessage()).content);
    },
    async object() {
      const schema = z.toJSONSchema(total);
      const { content } = await messages.create({
        ...asking(QUESTION),
        output_config: { format: { type: "json_schema", schema } },
      });
      return JSON.parse(textOf(content));
    },
    leave: (question) =>
      untilLeft(async (left) => {
        const stream = messages.stream(asking(question), { signal: left.signal });
        stream.on("text", () => left.abort());
        await stream.finalMessage();
      }),
  };
}

function textOf(content: readonly Anthropic.ContentBlock[]): string {
  return content.map((block) => block.type === "text" ? block.text : "").join("");
}
