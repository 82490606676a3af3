import type OpenAI from "openai";
import { add, type Client, HELLO, QUESTION, summands, total, untilLeft } from "./client.ts";
import { z } from "zod";

/** `/responses` by OpenAI's client. Its major versions take the same calls. */
export function responsesClient({ responses }: Pick<OpenAI, "responses">, model: string): Client {
  const said = ({ output_text, usage }: OpenAI.Responses.Response) => ({
    text: output_text,
    tokens: [usage?.input_tokens, usage?.output_tokens],
  });
  const hello = { model, input: HELLO };
  return {
    whole: async () => said(await responses.create(hello)),
    streamed: async () => said(await responses.stream(hello).finalResponse()),
    async useTool() {
      const tools: OpenAI.Responses.FunctionTool[] = [{
        type: "function",
        name: "add",
        parameters: z.toJSONSchema(summands),
        strict: true,
      }];
      const first = await responses.create({ model, input: QUESTION, tools });
      const results = first.output.flatMap((item) => {
        if (item.type !== "function_call") return [];
        const output = add(summands.parse(JSON.parse(item.arguments)));
        return [{ type: "function_call_output" as const, call_id: item.call_id, output }];
      });
      const second = responses.stream({
        model,
        tools,
        input: results,
        previous_response_id: first.id,
      });
      return (await second.finalResponse()).output_text;
    },
    async object() {
      const format = {
        type: "json_schema" as const,
        name: "sum",
        schema: z.toJSONSchema(total),
      };
      const parsed = await responses.parse({ model, input: QUESTION, text: { format } });
      return parsed.output_parsed;
    },
    leave: (input) =>
      untilLeft(async (left) => {
        const stream = await responses.create({ model, input, stream: true }, {
          signal: left.signal,
        });
        for await (const { type } of stream) {
          if (type === "response.output_text.delta") left.abort();
        }
      }),
  };
}
