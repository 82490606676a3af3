import { join } from "node:path";
import { freePort } from "../common/free-port.ts";
import type { StackEnvironment } from "../stack/environment-file.ts";
import { startStackProcess } from "../testing/stack-process.ts";

/** A stack that ends and comes back, with its data and at its address. */
export interface Server extends AsyncDisposable {
  /** The same through every restart. */
  environment: StackEnvironment;
  /** Whether it is down on purpose, so that no answer is no fault. */
  isDown(): boolean;
  /** Ends it at once, as a failure of the machine does, and starts it again. */
  crash(): Promise<void>;
  /** Ends it in order and starts it with another value of KEY_ENCRYPTION_KEYS. */
  restart(keys: string): Promise<void>;
}

/** Starts a stack in a folder with this value of KEY_ENCRYPTION_KEYS. */
export async function startServer(folder: string, keys: string): Promise<Server> {
  const place = {
    folder: join(folder, "stack"),
    log: join(folder, "stack.log"),
    apiPort: freePort(),
    databasePort: freePort(),
  };
  let active = keys;
  const start = () => startStackProcess({ ...place, env: { KEY_ENCRYPTION_KEYS: active } });
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
    restart: (keys) => {
      active = keys;
      return again(() => stack.stop());
    },
    [Symbol.asyncDispose]: async () => void await stack.stop(),
  };
}
