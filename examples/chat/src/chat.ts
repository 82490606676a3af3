import { createClient } from "@supabase/supabase-js";
import OpenAI from "openai";
import { VITE_API_URL, VITE_FUNCTIONS_URL, VITE_MODEL, VITE_PUBLISHABLE_KEY } from "./settings.ts";

export const supabase = createClient(VITE_API_URL, VITE_PUBLISHABLE_KEY);

const openai = new OpenAI({
  baseURL: VITE_FUNCTIONS_URL,
  apiKey: async () => (await supabase.auth.getSession()).data.session?.access_token ?? "",
  // The key is the user's own token, which expires in an hour.
  dangerouslyAllowBrowser: true,
});

/** A tool that the model may call; it runs in the page. */
const clock = {
  type: "function" as const,
  function: {
    name: "current_time",
    description: "The time on the user's clock.",
    parameters: { type: "object", properties: {} },
  },
};

/**
 * Sends a message and reports the answer as it comes; calls of tools are answered on the way.
 *
 * @returns the id of the session, to send with the next message.
 */
export async function send(
  text: string,
  sessionId: string | null,
  onText: (text: string) => void,
): Promise<string | null> {
  let messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: text }];
  let session = sessionId;
  while (messages.length > 0) {
    const { data: stream, response } = await openai.chat.completions
      .create({ model: VITE_MODEL, messages, tools: [clock], stream: true }, {
        headers: session ? { "x-session-id": session } : {},
      }).withResponse();
    session = response.headers.get("x-session-id");
    const calls: string[] = [];
    for await (const { choices: [choice] } of stream) {
      if (choice?.delta.content) onText(choice.delta.content);
      for (const call of choice?.delta.tool_calls ?? []) if (call.id) calls.push(call.id);
    }
    // The session holds the calls; only what the tools returned is sent.
    messages = calls.map((tool_call_id) => ({
      role: "tool",
      tool_call_id,
      content: new Date().toString(),
    }));
  }
  return session;
}

/** The user's latest sessions. */
export async function listSessions() {
  const { data, error } = await supabase.from("chat_sessions")
    .select("session_id, title")
    .order("last_activity_at", { ascending: false })
    .limit(20);
  if (error) throw error;
  return data;
}

/** What was said in a session. */
export async function readMessages(sessionId: string) {
  const { data, error } = await supabase.from("chat_messages")
    .select("role, content, chat_sessions!inner(session_id)")
    .eq("chat_sessions.session_id", sessionId)
    .in("role", ["user", "assistant"])
    .order("seq");
  if (error) throw error;
  return data;
}
