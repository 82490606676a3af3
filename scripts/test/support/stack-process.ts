import { CommandError } from "../../common/command-error.ts";
import { freePort } from "../../common/free-port.ts";
import { linesOf } from "../../common/lines-of.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import {
  environmentPath,
  readEnvironment,
  type StackEnvironment,
} from "../../stack/folder/environment-file.ts";
import { holderOf } from "../../stack/folder/stack-lock.ts";
import { oauthClient } from "./oauth-client.ts";

/** `npm start` in a process of its own. */
export interface StackProcess {
  /** Where it keeps its data; also its mark on every process it starts. */
  folder: string;
  environment: StackEnvironment;
  /** Id of the process that is the stack, below the one that npm would start. */
  pid: number;
  /** Milliseconds from its start until it answered. */
  readyAfter: number;
  /** Sends a signal and waits until the process has ended. */
  stop(signal?: Deno.Signal): Promise<StackEnd>;
  /** Ends it at once, as a failure of the machine does. */
  crash(): Promise<void>;
}

/** How a stack ended, and its output: all of it, or the last lines if it was logged elsewhere. */
export interface StackEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a stack is started; the same again continues with its data. */
export interface StackProcessOptions {
  /** STACK_DIR; kept from one start to the next. */
  folder: string;
  /** @default a free port */
  apiPort?: number;
  /** @default a free port */
  databasePort?: number;
  /** Added to its environment. */
  env?: Record<string, string>;
  /** File that its output is appended to, line by line. */
  log?: string;
  /** Called with each line of its output. */
  onLine?: (line: string) => void;
  /** Ends the stack, in order, when aborted. */
  signal?: AbortSignal;
}

/** What every stack that is started here finds in its environment. */
export const testCredentials = {
  // Of the vendor "e2e_upstream", which tests add and answer for.
  E2E_UPSTREAM_API_KEY: "e2e upstream key",
  E2E_PROVIDER_OAUTH_CLIENT_ID: oauthClient.id,
  E2E_PROVIDER_OAUTH_CLIENT_SECRET: oauthClient.secret,
};

/** Time a start gets, a first one with all migrations included, in milliseconds. */
const startPatience = 120_000;

/** Lines that are kept for a report where the output goes elsewhere. */
const keptLines = 50;

/**
 * Runs `npm start`'s command until it ends by itself: for starts that must fail.
 * A start that succeeds is stopped, and its end returned.
 */
export async function failToStart(options: StackProcessOptions): Promise<StackEnd> {
  const { child, end } = spawn(options);
  const deadline = setTimeout(() => child.kill("SIGTERM"), startPatience);
  const result = await end;
  clearTimeout(deadline);
  return result;
}

/** Starts the stack and waits until it answers. Throws with what it said when it ends instead. */
export async function startStackProcess(options: StackProcessOptions): Promise<StackProcess> {
  const { folder } = options;
  const startedAt = performance.now();
  // A stack that was killed leaves the file behind, and it must not be taken for this start's.
  await Deno.remove(environmentPath(folder)).catch(() => {});
  const { child, end } = spawn(options);
  let early: StackEnd | null = null;
  end.then((result) => early = result);
  let environment = await readEnvironment(folder);
  while (environment === null) {
    if (early !== null) throw new CommandError(`Cannot start the stack: ${describe(early)}`);
    if (performance.now() - startedAt > startPatience) {
      child.kill("SIGTERM");
      throw new CommandError(
        `Cannot start the stack: it does not answer in time. ${describe(await end)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    environment = await readEnvironment(folder);
  }
  const pid = await holderOf(folder);
  return {
    folder,
    environment,
    pid,
    readyAfter: performance.now() - startedAt,
    async stop(signal = "SIGTERM") {
      if (early === null) child.kill(signal);
      return await end;
    },
    async crash() {
      // The process above it could not pass this signal on.
      Deno.kill(pid, "SIGKILL");
      await end;
    },
  };
}

/** What a stack said, for a report. */
export function describe({ code, stdout, stderr }: StackEnd): string {
  return `exit code ${code}\n${stdout}\n${stderr}`.trim();
}

function spawn(
  options: StackProcessOptions,
): { child: Deno.ChildProcess; end: Promise<StackEnd> } {
  const { folder, apiPort = freePort(), databasePort = freePort(), env, signal } = options;
  // A vendor's key of the person who runs the tests must not be spent on them.
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/_(API_KEY|SERVICE_ACCOUNT)$/.test(name));
  const child = new Deno.Command("node", {
    args: [pathInProject("scripts/run.mjs"), "start"],
    cwd: pathInProject("."),
    signal,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      NO_COLOR: "1",
      ...testCredentials,
      // Set by npm: the stack then ends with the process that started it.
      npm_lifecycle_event: "start",
      STACK_DIR: folder,
      API_PORT: String(apiPort),
      DB_PORT: String(databasePort),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = Promise.all([listen(child.stdout, options), listen(child.stderr, options)]);
  const end = child.status.then(async ({ code }) => {
    const [stdout, stderr] = await said;
    return { code, stdout, stderr };
  });
  return { child, end };
}

/** Passes the lines of a stream on. @returns all of them, or the last ones where they are kept elsewhere. */
async function listen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { log, onLine }: StackProcessOptions,
): Promise<string> {
  const isKept = log === undefined && onLine === undefined;
  const lines: string[] = [];
  for await (const line of linesOf(stream)) {
    lines.push(`${line}\n`);
    if (!isKept && lines.length > keptLines) lines.shift();
    if (log !== undefined) Deno.writeTextFileSync(log, `${line}\n`, { append: true });
    onLine?.(line);
  }
  return lines.join("");
}
