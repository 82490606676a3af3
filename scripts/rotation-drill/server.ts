import { join } from "node:path";
import { freePort } from "../common/free-port.ts";
import { startSoakStack } from "../soak/stack.ts";
import type { StackEnvironment } from "../stack/environment-file.ts";

/** A stack that ends and comes back, with its data and at its address. */
export interface Server extends AsyncDisposable {
  /** The same through every restart. */
  environment: StackEnvironment;
  /** Where its output goes. */
  log: string;
  /** Whether it is down on purpose, so that no answer is no fault. */
  isDown(): boolean;
  /** Ends it at once, as a failure of the machine does, and starts it again. */
  crash(): Promise<void>;
  /** Ends it in order and starts it with another value of KEY_ENCRYPTION_KEYS. */
  restart(keys: string): Promise<void>;
}

/** Starts a stack in a folder with this value of KEY_ENCRYPTION_KEYS. */
export async function startServer(folder: string, keys: string): Promise<Server> {
  const place = { folder: join(folder, "stack"), apiPort: freePort(), databasePort: freePort() };
  let active = keys;
  const start = () => startSoakStack({ ...place, credentials: { KEY_ENCRYPTION_KEYS: active } });
  let stack = await start();
  let isDown = false;
  const again = async (end: () => Promise<void>) => {
    isDown = true;
    await end();
    stack = await start();
    isDown = false;
  };
  return {
    environment: stack.environment,
    log: `${place.folder}.log`,
    isDown: () => isDown,
    crash: () => again(stack.crash),
    restart: (keys) => {
      active = keys;
      return again(stack.stop);
    },
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}
