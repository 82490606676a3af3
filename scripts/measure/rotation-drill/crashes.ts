import type postgres from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import type { RestartingStack } from "../../test/support/restarting-stack.ts";
import type { RotationOptions } from "./options.ts";

/** How the operator's command ended. */
export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Rotates with `npm run keys:rotate`, which is killed after a third of the keys; started again, the
 * whole stack is killed after two thirds; the third command finishes it.
 */
export async function rotateThroughCrashes(
  { keys, batch }: Pick<RotationOptions, "keys" | "batch">,
  { stack, sql }: { stack: RestartingStack; sql: postgres.Sql },
): Promise<CommandEnd> {
  const first = startRotation(stack, batch);
  await until(async () => await keysLeft(sql) <= keys * 2 / 3);
  await first.kill();
  console.log(`  the rotation was killed with ${await keysLeft(sql)} left`);
  const second = startRotation(stack, batch);
  await until(async () => await keysLeft(sql) <= keys / 3);
  await stack.crash();
  await second.kill();
  console.log(`  the stack was killed with ${await keysLeft(sql)} left`);
  return await startRotation(stack, batch).end;
}

/** How many values another key than the new one locks; Infinity while the database does not say. */
export async function countOld(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ amount: string }[]>`
    select coalesce(sum(amount), 0) as amount from public.count_encrypted_values()
    where key_id <> 'new'`.catch(() => []);
  return Number(row?.amount ?? Infinity);
}

/** How many keys are left to rotate: asked often, so without the work of counting every column. */
async function keysLeft(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ amount: number }[]>`
    select count(*)::integer as amount from public.user_api_keys
    where encrypted_key like 'v1:old:%'`.catch(() => []);
  return row?.amount ?? Infinity;
}

/** The operator's command, in a process that can be killed. */
function startRotation({ environment }: RestartingStack, batch: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      pathInProject("scripts/cli/keys-rotate/main.ts"),
      "--batch",
      String(batch),
    ],
    env: { FUNCTIONS_URL: environment.FUNCTIONS_URL, SECRET_KEY: environment.SECRET_KEY },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end: Promise<CommandEnd> = child.output().then(({ code, stdout, stderr }) => {
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  });
  const kill = async () => {
    // One that ended by itself has nothing to kill.
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await end;
  };
  return { end, kill };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 100));
}
