/**
 * `npm start`: the whole backend on this machine. Stays in the foreground until Ctrl-C or SIGTERM.
 */
import { CommandError } from "../../common/command-error.ts";
import { explain } from "../../common/explain.ts";
import { environmentPath } from "../../stack/folder/environment-file.ts";
import { firstModel } from "../../stack/first-model.ts";
import { createProgress } from "../../stack/progress.ts";
import { readSettings, type StackSettings } from "../../stack/folder/settings.ts";
import { signIn } from "../../stack/sign-in.ts";
import { createStack, type Stack } from "../../stack/create-stack.ts";
import { stopOnSignal } from "../../stack/process/stop-on-signal.ts";
import { welcome } from "./welcome.ts";

const startedAt = performance.now();

try {
  const environment = Deno.env.toObject();
  const settings = readSettings(environment);
  console.log(`Starting Agentbase in ${settings.folderName}`);
  const progress = createProgress(console.log, () => performance.now());
  const stack = createStack({ settings, environment, progress });
  const isInterrupted = stopOnSignal(stack);
  // A function that forgets a rejection must not take the stack down.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error(`Nobody handled a rejection. ${explain(event.reason)}`);
  });
  try {
    await serve(stack, settings);
  } catch (error) {
    // Stopping halfway makes the steps of the start fail; that is no news.
    if (isInterrupted()) await new Promise(() => {});
    await stack.stop();
    throw error;
  }
} catch (error) {
  console.error(explain(error));
  Deno.exit(1);
}

/** Starts the stack and says so; ends, with an error, only when the database does. */
async function serve(stack: Stack, settings: StackSettings): Promise<never> {
  const given = await stack.start();
  const alice = await signIn({
    apiUrl: given.API_URL,
    publishableKey: given.PUBLISHABLE_KEY,
    email: "alice@example.com",
    password: "agentbase",
  });
  const model = await firstModel(given.FUNCTIONS_URL, "token" in alice ? alice.token : "");
  console.log(`\nReady in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const environmentFile = environmentPath(settings.folderName);
  console.log(welcome({ environment: given, environmentFile, alice, model }));
  await stack.broken;
  throw new CommandError(
    `Cannot go on without the database: it ended by itself. Its log is in "${settings.folderName}/postgres/log".`,
  );
}
