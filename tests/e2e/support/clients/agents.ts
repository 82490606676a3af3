import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import OpenAI from "openai";
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

/** OpenAI's Agents SDK, with the API that it calls by default. */
export function agentsClient({ model, ...access }: Access): Client {
  const modelProvider = new OpenAIProvider({
    // SAFETY: the SDK's own copy of the client has the same shape.
    openAIClient: new OpenAI(access) as never,
  });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const agent = new Agent({ name: "Assistant", instructions: "Be exact.", model });
  const said = (
    text = "",
    responses: { usage: { inputTokens: number; outputTokens: number } }[],
  ) => ({
    text,
    tokens: responses.flatMap(({ usage }) => [usage.inputTokens, usage.outputTokens]),
  });
  return {
    async whole() {
      const { finalOutput, rawResponses } = await runner.run(agent, HELLO);
      return said(finalOutput, rawResponses);
    },
    async streamed() {
      const result = await runner.run(agent, HELLO, { stream: true });
      await result.completed;
      return said(result.finalOutput, result.rawResponses);
    },
    async useTool() {
      const adds = tool({
        name: "add",
        description: "Adds",
        parameters: summands,
        execute: (given) => Promise.resolve(add(given)),
      });
      const result = await runner.run(agent.clone({ tools: [adds] }), QUESTION, { stream: true });
      await result.completed;
      return result.finalOutput ?? "";
    },
    async object() {
      const typed = new Agent({ name: "Assistant", model, outputType: total });
      return (await runner.run(typed, QUESTION)).finalOutput;
    },
    leave: (question) =>
      untilLeft(async (left) => {
        const { signal } = left;
        const result = await runner.run(agent, question, { stream: true, signal });
        for await (const _piece of result.toTextStream()) left.abort();
        await result.completed;
      }),
  };
}
