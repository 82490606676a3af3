// The server side of the AI SDK's useChat, for instance app/api/chat/route.ts of Next.js.
import process from "node:process";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { convertToModelMessages, streamText, type UIMessage } from "ai";

/**
 * Streams the answer to a conversation. The page sends its user's access token along:
 * `new DefaultChatTransport({ headers: async () => ({ Authorization: `Bearer ${token}` }) })`.
 * useChat resends the whole conversation, which continues its session.
 */
export async function POST(request: Request): Promise<Response> {
  const { messages }: { messages: UIMessage[] } = await request.json();
  const agentbase = createOpenAICompatible({
    name: "agentbase",
    baseURL: process.env.FUNCTIONS_URL ?? "",
    headers: { Authorization: request.headers.get("authorization") ?? "" },
    includeUsage: true,
  });
  const result = streamText({
    model: agentbase(process.env.MODEL ?? "gpt-6-luna"),
    messages: await convertToModelMessages(messages),
    abortSignal: request.signal,
  });
  return result.toUIMessageStreamResponse({
    onError: (error) => error instanceof Error ? error.message : "The answer failed.",
  });
}
