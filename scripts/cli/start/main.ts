/**
 * `npm start`: the whole backend on this machine. Stays in the foreground until Ctrl-C or SIGTERM.
 */
import { CommandError } from "../../common/command-error.ts";
import { noArguments } from "../../common/arguments.ts";
import { explain } from "../../common/explain.ts";
import { runMain } from "../../common/run-main.ts";
import { environmentPath } from "../../stack/folder/environment-file.ts";
import { firstModel } from "../../stack/first-model.ts";
import { createProgress } from "../../stack/progress.ts";
import { readSettings, type StackSettings } from "../../stack/folder/settings.ts";
import { signIn } from "../../stack/sign-in.ts";
import { createStack, type Stack } from "../../stack/create-stack.ts";
import { stopOnSignal } from "../../stack/process/stop-on-signal.ts";
import { welcome } from "./welcome.ts";

const startedAt = performance.now();

const help =
  `Starts the whole backend on this machine: Postgres with the migrations applied, Data API and Auth,
the edge functions, Redis where redis-server is installed, and the scheduler of the jobs.

npm start
  --help  this text

STACK_DIR   folder for its data          (.stack)
API_PORT    port of the APIs             (54321)
DB_PORT     port of the database         (54322)
STACK_DEBUG=1 prints where an unexpected error comes from. Vendors' credentials in the environment,
such as OPENROUTER_API_KEY, are given to the functions; without one, a demo model answers.
It stays in the foreground until Ctrl-C or SIGTERM.`;

await runMain({ help, parse: noArguments("start"), run: start });

async function start(): Promise<never> {
  const environment = Deno.env.toObject();
  const settings = readSettings(environment);
  console.log(`Starting Agentbase in ${settings.folderName}`);
  const progress = createProgress(console.log, () => performance.now());
  const stack = createStack({ settings, environment, progress });
  const isInterrupted = stopOnSignal(stack);
  // An unhandled rejection in a function must not end the stack.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error(`Unhandled rejection in a function. ${explain(event.reason)}`);
  });
  try {
    return await serve(stack, settings);
  } catch (error) {
    // A stop during the start makes its steps fail, which is not reported.
    if (isInterrupted()) await new Promise(() => {});
    await stack.stop();
    throw error;
  }
}

/** Starts the stack and reports it; returns only by an error, when the database has ended. */
async function serve(stack: Stack, settings: StackSettings): Promise<never> {
  const given = await stack.start();
  const alice = await signIn({
    apiUrl: given.API_URL,
    publishableKey: given.PUBLISHABLE_KEY,
    email: "alice@example.com",
    password: "agentbase",
  });
  const model = await firstModel(given, "token" in alice ? alice.token : "");
  console.log(`\nReady in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const environmentFile = environmentPath(settings.folderName);
  const { folderName } = settings;
  const chat = folderName === ".stack" ? "npm run chat" : `STACK_DIR=${folderName} npm run chat`;
  console.log(welcome({ environment: given, environmentFile, chat, alice, model }));
  await stack.broken;
  throw new CommandError(
    `Cannot continue without the database: its process has exited. Its log is in "${settings.folderName}/postgres/log".`,
  );
}
