/**
 * Interrupts a server when this process ends without having stopped it, even by SIGKILL: the guard
 * reads from a pipe that the kernel then closes.
 *
 * @returns a function that ends the guard.
 */
export function guardProcess(processId: number): () => Promise<void> {
  const script = `trap "" INT TERM HUP; read -r line || kill -INT "$1"`;
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", script, "guard", String(processId)],
    cwd: "/",
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return async () => {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("done\n")).catch(() => {});
    await writer.close().catch(() => {});
    await child.status;
  };
}
