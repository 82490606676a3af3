import { pathInProject } from "../common/path-in-project.ts";
import { readEnvironment, type StackEnvironment } from "../stack/environment-file.ts";

/** A stack in a process of its own, with its own data. */
export interface SoakStack {
  environment: StackEnvironment;
  /** Ends it at once, as a crash does. */
  crash(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** How a stack is started; the same again continues with its data. */
export interface SoakStackOptions {
  folder: string;
  apiPort: number;
  databasePort: number;
  /** Added to its environment. */
  credentials: Record<string, string>;
}

const patience = 120_000;

/** Runs scripts/start.ts and waits until the stack answers. Its output goes to `<folder>.log`. */
export async function startSoakStack(options: SoakStackOptions): Promise<SoakStack> {
  const { folder, apiPort, databasePort, credentials } = options;
  await Deno.remove(`${folder}/env`).catch(() => {});
  const log = await Deno.open(`${folder}.log`, { create: true, append: true, write: true });
  // A vendor's key of the person who runs this must not be spent on it.
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.endsWith("_API_KEY"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", pathInProject("scripts/start.ts")],
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      ...credentials,
      NO_COLOR: "1",
      STACK_DIR: folder,
      API_PORT: String(apiPort),
      DB_PORT: String(databasePort),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const logged = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const bytes of stream) await log.write(bytes);
  }));
  let ended = false;
  const end = child.status.then(async () => {
    ended = true;
    await logged;
    log.close();
  });

  const deadline = Date.now() + patience;
  let environment: StackEnvironment | null = null;
  while ((environment = await readEnvironment(folder)) === null) {
    if (ended) {
      throw new Error(`Cannot start the stack: it ended. Its output is in "${folder}.log".`);
    }
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`Cannot start the stack: it does not answer. See "${folder}.log".`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const finish = async (signal: Deno.Signal) => {
    if (!ended) child.kill(signal);
    await end;
  };
  return { environment, crash: () => finish("SIGKILL"), stop: () => finish("SIGTERM") };
}
