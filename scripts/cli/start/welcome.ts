import type { StackEnvironment } from "../../stack/folder/environment-file.ts";

/** What the text at the end of a start shows. */
export interface WelcomeOptions {
  environment: StackEnvironment;
  /** The file with the same values, as a user would type its path. */
  environmentFile: string;
  /** The command that chats with this stack from another terminal. */
  chat: string;
  /** An access token of alice, or why there is none. */
  alice: { token: string } | { reason: string };
  /** A model that alice may use. */
  model: string;
}

/** Addresses, keys and users of the started stack, with two snippets to paste. */
export function welcome(options: WelcomeOptions): string {
  const { environment, environmentFile, chat, alice, model } = options;
  return `
  API              ${environment.API_URL}
  Functions        ${environment.FUNCTIONS_URL}
  Database         ${environment.DB_URL}
  Publishable key  ${environment.PUBLISHABLE_KEY}
  Secret key       ${environment.SECRET_KEY}
  The same, and the JWT secret, for programs: ${environmentFile}

  People (password "agentbase"): alice@example.com owns the organization Acme, bob is its admin,
  carol its agent_manager, dave its viewer; eve belongs elsewhere.

  Chat as alice in another terminal:  ${chat}
${
    "token" in alice ? snippets(environment.FUNCTIONS_URL, alice.token, model) : `
  No snippets to paste: alice cannot sign in (${alice.reason}). "npm run reset" brings her back.
`
  }
Ctrl-C stops everything.`;
}

function snippets(functionsUrl: string, token: string, model: string): string {
  return `
With curl, as alice (her token lasts an hour):

curl ${functionsUrl}/chat/completions \\
  -H "Authorization: Bearer ${token}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello!"}]}'

With the OpenAI SDK, in this folder:

node --input-type=module <<'END'
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${functionsUrl}",
  apiKey: "${token}",
});
const stream = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "Hello!" }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
console.log();
END
`;
}
