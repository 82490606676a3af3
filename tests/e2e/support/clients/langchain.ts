import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
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

/** LangChain, with one of OpenAI's APIs. */
export function langChainClient(access: Access, useResponsesApi: boolean): Client {
  const { baseURL, apiKey, model: name } = access;
  const model = new ChatOpenAI({
    model: name,
    apiKey,
    useResponsesApi,
    configuration: { baseURL },
  });
  return {
    async whole() {
      const { text, usage_metadata: usage } = await model.invoke(HELLO);
      return { text, tokens: [usage?.input_tokens, usage?.output_tokens] };
    },
    async streamed() {
      const pieces = await Array.fromAsync(await model.stream(HELLO));
      const { text, usage_metadata: usage } = pieces.reduce((all, piece) => all.concat(piece));
      return { text, tokens: [usage?.input_tokens, usage?.output_tokens] };
    },
    async useTool() {
      const tools = model.bindTools([{ name: "add", description: "Adds", schema: summands }]);
      const question = new HumanMessage(QUESTION);
      const called = await tools.invoke([question]);
      const results = (called.tool_calls ?? []).map(({ id, args }) =>
        new ToolMessage({ tool_call_id: id ?? "", content: add(summands.parse(args)) })
      );
      return (await tools.invoke([question, called, ...results])).text;
    },
    object: () => model.withStructuredOutput(total).invoke(QUESTION),
    leave: (question) =>
      untilLeft(async (left) => {
        for await (const { text } of await model.stream(question, { signal: left.signal })) {
          if (text) left.abort();
        }
      }),
  };
}
