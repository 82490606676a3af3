import { CommandError } from "../../common/command-error.ts";
import { linesOf } from "../../common/lines-of.ts";
import type { Workspace } from "../../common/workspace.ts";

/** A process that this benchmark started. */
export interface ChildProcess {
  pid: number;
  /** Resolves with the first line that the process writes and the test accepts. */
  line(accepts: (line: string) => boolean): Promise<string>;
}

/** How to start a process. */
export interface ChildOptions {
  /** What it is called in an error. */
  name: string;
  program: string;
  args: string[];
  cwd?: string;
}

/** Time within which a process must end by itself, in milliseconds. */
const stopPatience = 20_000;

/** Time within which a process must print the expected line, in milliseconds. */
const linePatience = 180_000;

/** Last lines that are kept for an error. */
const keptLines = 30;

/** Starts a process that ends with the workspace: by SIGTERM first, by SIGKILL if that fails. */
export function startChild(workspace: Workspace, options: ChildOptions): ChildProcess {
  const { name, program, args, cwd } = options;
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said: string[] = [];
  const waiting = new Set<(line: string) => void>();
  let hasEnded = false;
  const ended = child.status.then((status) => {
    hasEnded = true;
    return status;
  });

  async function listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const line of linesOf(stream)) {
      said.push(line);
      if (said.length > keptLines) said.shift();
      for (const look of waiting) look(line);
    }
  }
  const heard = Promise.all([listen(child.stdout), listen(child.stderr)]);

  workspace.defer(async () => {
    if (!hasEnded) child.kill("SIGTERM");
    const timer = setTimeout(() => hasEnded || child.kill("SIGKILL"), stopPatience);
    await ended;
    clearTimeout(timer);
    await heard;
  });

  return {
    pid: child.pid,
    async line(accepts) {
      const found = Promise.withResolvers<string>();
      const look = (line: string) => accepts(line) && found.resolve(line);
      const fail = (reason: string) =>
        found.reject(new CommandError(`Cannot start ${name}: ${reason}.\n${said.join("\n")}`));
      const timer = setTimeout(() => fail("it did not become ready"), linePatience);
      waiting.add(look);
      ended.then(({ code }) => heard.then(() => fail(`it ended with code ${code}`)));
      try {
        said.forEach(look);
        return await found.promise;
      } finally {
        waiting.delete(look);
        clearTimeout(timer);
      }
    },
  };
}
