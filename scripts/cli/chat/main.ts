/**
 * `npm run chat`: a conversation in the terminal with streaming, through the same API and client as
 * any product built on this.
 */
import { createInterface } from "node:readline/promises";
import OpenAI, { APIError } from "openai";
import { chatHelp, type ChatOptions, parseChatOptions } from "./options.ts";
import { CommandError } from "../../common/command-error.ts";
import { terminalText } from "../../common/terminal-text.ts";
import { runMain } from "../../common/run-main.ts";
import { readEnvironment, type StackEnvironment } from "../../stack/folder/environment-file.ts";
import { firstModel } from "../../stack/first-model.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { signIn } from "../../stack/sign-in.ts";

await runMain({
  help: chatHelp,
  parse: parseChatOptions,
  run: async (options) => await converse(await findStack(), options),
});

/** The running stack; the file of a stack that was killed is ignored. */
async function findStack(): Promise<StackEnvironment> {
  const { folder, folderName } = readSettings(Deno.env.toObject());
  const stack = await readEnvironment(folder);
  const answers = stack !== null &&
    await fetch(`${stack.API_URL}/auth/v1/health`, { headers: { apikey: stack.PUBLISHABLE_KEY } })
      .then((response) => response.body?.cancel().then(() => response.ok), () => false);
  if (stack !== null && answers) return stack;
  throw new CommandError(
    `Cannot chat: no stack is running in "${folderName}". Start one with "npm start" in another terminal.`,
  );
}

async function converse(stack: StackEnvironment, options: ChatOptions): Promise<void> {
  const { email, password } = options;
  const person = await signIn({
    apiUrl: stack.API_URL,
    publishableKey: stack.PUBLISHABLE_KEY,
    email,
    password,
  });
  if ("reason" in person) {
    throw new CommandError(
      `Cannot sign in as "${email}": ${person.reason}. Check --email and --password.`,
    );
  }
  const model = options.model ?? await firstModel(stack, person.token);
  const client = new OpenAI({
    baseURL: stack.FUNCTIONS_URL,
    apiKey: person.token,
    maxRetries: 0,
  });
  console.log(terminalText(`Talking to ${model} as ${email}. /quit ends.`));

  let sessionId: string | null = null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
  let isClosed = false;
  terminal.once("close", () => isClosed = true);
  terminal.prompt();
  for await (const line of terminal) {
    const text = line.trim();
    if (text === "/quit") break;
    if (text !== "") {
      const found = await say(client, model, text, sessionId);
      if (found !== null && found !== sessionId) console.log(terminalText(`(session ${found})`));
      sessionId = found;
    }
    if (!isClosed) terminal.prompt();
  }
  terminal.close();
}

/**
 * Sends one message and prints the answer as it comes.
 *
 * @returns the session to continue with.
 */
async function say(
  client: OpenAI,
  model: string,
  text: string,
  sessionId: string | null,
): Promise<string | null> {
  try {
    const { data: stream, response } = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: text }],
      stream: true,
    }, { headers: sessionId === null ? {} : { "x-session-id": sessionId } }).withResponse();
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta?.content ?? "";
      await Deno.stdout.write(new TextEncoder().encode(terminalText(content)));
    }
    console.log();
    return response.headers.get("x-session-id") ?? sessionId;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    console.error(terminalText(error.message));
    return sessionId;
  }
}
