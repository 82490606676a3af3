import { join } from "node:path";
import { freePort } from "../../common/free-port.ts";
import type { StackEnvironment } from "../../stack/folder/environment-file.ts";
import { startStackProcess } from "./stack-process.ts";

/** A stack that ends and comes back, with its data and at its address. */
export interface RestartingStack extends AsyncDisposable {
  /** The same through every restart. */
  environment: StackEnvironment;
  /** Whether it is down on purpose, so that no answer is no fault. */
  isDown(): boolean;
  /** Ends it at once, as a failure of the machine does, and starts it again. */
  crash(): Promise<void>;
  /** Ends it in order and starts it with this added to its environment instead. */
  restart(env: Record<string, string>): Promise<void>;
}

/** Starts a stack in a folder, with its log, and with this added to its environment. */
export async function startRestartingStack(
  folder: string,
  env: Record<string, string>,
): Promise<RestartingStack> {
  const place = {
    folder: join(folder, "stack"),
    log: join(folder, "stack.log"),
    apiPort: freePort(),
    databasePort: freePort(),
  };
  let added = env;
  const start = () => startStackProcess({ ...place, env: added });
  let stack = await start();
  let isDown = false;
  const again = async (end: () => Promise<unknown>) => {
    isDown = true;
    await end();
    stack = await start();
    isDown = false;
  };
  return {
    environment: stack.environment,
    isDown: () => isDown,
    crash: () => again(() => stack.crash()),
    restart: (env) => {
      added = env;
      return again(() => stack.stop());
    },
    [Symbol.asyncDispose]: async () => void await stack.stop(),
  };
}
