// A program with an access key: asks twice in one session and prints the answers as they come.
import process from "node:process";
import OpenAI from "openai";

const { FUNCTIONS_URL, ACCESS_KEY, MODEL = "gpt-6-luna" } = process.env;
if (!FUNCTIONS_URL || !ACCESS_KEY) {
  console.error("Set FUNCTIONS_URL and ACCESS_KEY.");
  process.exit(2);
}

const client = new OpenAI({ baseURL: FUNCTIONS_URL, apiKey: ACCESS_KEY });

/** Prints the answer to a question and returns the id of its session. */
async function ask(content, sessionId) {
  const { data: stream, response } = await client.chat.completions.create(
    {
      model: MODEL,
      messages: [{ role: "user", content }],
      stream: true,
      stream_options: { include_usage: true },
    },
    { headers: sessionId ? { "x-session-id": sessionId } : {} },
  ).withResponse();
  let usage;
  for await (const chunk of stream) {
    process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
    usage = chunk.usage ?? usage;
  }
  console.log(`\n(${usage?.prompt_tokens} tokens in, ${usage?.completion_tokens} out)`);
  return response.headers.get("x-session-id");
}

try {
  const session = await ask("My name is Alice.");
  await ask("What is my name?", session);
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  // The message says what to do; request_id finds the request in the log.
  console.error(`${error.message} (${error.code}, ${error.requestID})`);
  process.exit(1);
}
