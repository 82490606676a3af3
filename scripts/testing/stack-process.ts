import { freePort } from "../common/free-port.ts";
import {
  environmentPath,
  readEnvironment,
  type StackEnvironment,
} from "../stack/environment-file.ts";

/** `npm start` in a process of its own. */
export interface StackProcess {
  /** Where it keeps its data; also its mark on every process it starts. */
  folder: string;
  environment: StackEnvironment;
  /** Milliseconds from its start until it answered. */
  readyAfter: number;
  /** Sends a signal and waits until the process has ended. */
  stop(signal?: Deno.Signal): Promise<StackEnd>;
}

/** How a stack ended. */
export interface StackEnd {
  code: number;
  stdout: string;
  stderr: string;
}

export interface StackProcessOptions {
  /** Folder of the project. */
  root: string;
  /** STACK_DIR; kept from one start to the next. */
  folder: string;
  /** @default a free port */
  apiPort?: number;
  /** @default a free port */
  databasePort?: number;
  /** Ends the stack, in order, when aborted. */
  signal?: AbortSignal;
}

/** The credential of the vendor "e2e_upstream" in every stack that is started here. */
export const upstreamKey = "e2e upstream key";

/** As whom every stack that is started here refreshes tokens of the provider "e2e_provider". */
export const oauthClient = { id: "agentbase-test", secret: "client secret / 1f0e" };

/** Time a start gets, a first one with all migrations included, in milliseconds. */
const startPatience = 120_000;

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
  const startedAt = performance.now();
  // A stack that was killed leaves the file behind, and it must not be taken for this start's.
  await Deno.remove(environmentPath(options.folder)).catch(() => {});
  const { child, end } = spawn(options);
  let early: StackEnd | null = null;
  end.then((result) => early = result);
  let environment = await readEnvironment(options.folder);
  while (environment === null) {
    if (early !== null) throw new Error(`The stack did not start:\n${describe(early)}`);
    if (performance.now() - startedAt > startPatience) {
      child.kill("SIGKILL");
      throw new Error(`The stack did not answer in time:\n${describe(await end)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    environment = await readEnvironment(options.folder);
  }
  return {
    folder: options.folder,
    environment,
    readyAfter: performance.now() - startedAt,
    async stop(signal = "SIGTERM") {
      if (early === null) child.kill(signal);
      return await end;
    },
  };
}

/** What a stack said, for a report. */
export function describe({ code, stdout, stderr }: StackEnd): string {
  return `exit code ${code}\n${stdout}\n${stderr}`.trim();
}

function spawn(
  { root, folder, signal, apiPort = freePort(), databasePort = freePort() }: StackProcessOptions,
): { child: Deno.ChildProcess; end: Promise<StackEnd> } {
  // A vendor's key of the person who runs the tests must not be spent on them.
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/_(API_KEY|SERVICE_ACCOUNT)$/.test(name));
  const child = new Deno.Command("node", {
    args: ["scripts/run.mjs", "start"],
    cwd: root,
    signal,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      NO_COLOR: "1",
      // Of the vendor "e2e_upstream", which tests add and answer for.
      E2E_UPSTREAM_API_KEY: upstreamKey,
      E2E_PROVIDER_OAUTH_CLIENT_ID: oauthClient.id,
      E2E_PROVIDER_OAUTH_CLIENT_SECRET: oauthClient.secret,
      // Set by npm: the stack then ends when whoever started it does.
      npm_lifecycle_event: "start",
      STACK_DIR: folder,
      API_PORT: String(apiPort),
      DB_PORT: String(databasePort),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = child.output().then(({ code, stdout, stderr }) => {
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  });
  return { child, end };
}
