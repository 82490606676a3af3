import { generateText, isStepCount, type LanguageModel, Output, streamText, tool } from "ai";
import { add, type Client, HELLO, QUESTION, summands, total, untilLeft } from "./client.ts";

/** A model of the AI SDK, from any of its providers. */
export function aiSdkClient(model: LanguageModel): Client {
  return {
    async whole() {
      const { text, usage } = await generateText({ model, prompt: HELLO });
      return { text, tokens: [usage.inputTokens, usage.outputTokens] };
    },
    async streamed() {
      const { text, usage } = streamText({ model, prompt: HELLO });
      const { inputTokens, outputTokens } = await usage;
      return { text: await text, tokens: [inputTokens, outputTokens] };
    },
    async useTool() {
      const execute = (given: { a: number; b: number }) => Promise.resolve(add(given));
      const tools = { add: tool({ description: "Adds", inputSchema: summands, execute }) };
      return await streamText({ model, prompt: QUESTION, tools, stopWhen: isStepCount(3) }).text;
    },
    async object() {
      const output = Output.object({ schema: total });
      return (await generateText({ model, prompt: QUESTION, output })).output;
    },
    leave: (prompt) =>
      untilLeft(async (left) => {
        const { textStream } = streamText({ model, prompt, abortSignal: left.signal });
        for await (const _piece of textStream) left.abort();
      }),
  };
}
