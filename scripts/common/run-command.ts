/** The exit code and output of a command. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
  /** Both streams, standard output first: for a report about a failure. */
  output: string;
}

export interface CommandOptions {
  cwd?: string;
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  /** Kills the command when aborted. */
  signal?: AbortSignal;
  /** Text for standard input; nothing by default. */
  input?: string;
}

/**
 * Runs a command to its end and returns its output, whatever its exit code.
 * Throws only when the command cannot be started.
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    cwd: options.cwd,
    env: { NO_COLOR: "1", ...options.env },
    signal: options.signal,
    stdin: options.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (options.input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const result = { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  return { ...result, output: [result.stdout, result.stderr].join("\n").trim() };
}
