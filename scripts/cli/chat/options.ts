import { readArguments } from "../../common/arguments.ts";

/** The options of `npm run chat`. */
export interface ChatOptions {
  email: string;
  password: string;
  /** Model to ask; undefined: the first that the person may use. */
  model: string | undefined;
}

/** What `--help` prints. */
export const chatHelp =
  `Starts a conversation in the terminal, through the API of the running stack.

npm run chat -- [options]
  --email     who signs in    (alice@example.com)
  --password  their password  (agentbase)
  --model     a model's name  (the first that is available)
  --help      this text

STACK_DIR selects the stack. /quit or Ctrl-D ends the conversation.`;

/**
 * Reads the arguments of `npm run chat`.
 *
 * @throws {ArgumentError} on an argument that it does not know.
 */
export function parseChatOptions(args: readonly string[]): ChatOptions {
  const known = {
    email: { type: "string", default: "alice@example.com" },
    password: { type: "string", default: "agentbase" },
    model: { type: "string" },
  } as const;
  return readArguments("chat", args, known, (values) => ({ ...values, model: values.model }));
}
