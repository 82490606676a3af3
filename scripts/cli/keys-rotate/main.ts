/** `npm run keys:rotate`: re-encrypts all values with the active key. */
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { parseRotateOptions, rotateHelp, type RotateOptions } from "./options.ts";
import { rotateEverything } from "./rotate-everything.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { readSettings } from "../../stack/folder/settings.ts";

await runMain({ help: rotateHelp, parse: parseRotateOptions, run });

/** The exit code of the command. */
async function run({ batch }: RotateOptions): Promise<number> {
  try {
    return await rotate(batch) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    return 2;
  }
}

/** True when all values use the active key. */
async function rotate(batch: number): Promise<boolean> {
  const { functionsUrl, secretKey } = await whereToAsk();
  const progress = createProgressBar("values");
  const { activeKey, rotated, remaining, undecryptable } = await rotateEverything({
    functionsUrl,
    secretKey,
    batch,
    fetch,
    onProgress: (done, left) => progress.show(done, done + left),
  });
  progress.end();
  console.log(`${rotated} values re-encrypted with the key "${activeKey}".`);
  for (const { table, column, row } of undecryptable.slice(0, 20)) {
    console.error(`  No key on the ring decrypts ${table}.${column} of row ${row}.`);
  }
  for (const { table, column, key_id, amount } of remaining) {
    console.error(`  ${amount} values of ${table}.${column} still use the key "${key_id}".`);
  }
  if (remaining.length === 0) {
    console.log("No value uses another key: the other keys can be removed.");
  }
  return remaining.length === 0;
}

async function whereToAsk(): Promise<{ functionsUrl: string; secretKey: string }> {
  const { FUNCTIONS_URL, SECRET_KEY } = Deno.env.toObject();
  if (FUNCTIONS_URL && SECRET_KEY) return { functionsUrl: FUNCTIONS_URL, secretKey: SECRET_KEY };
  const { folder, folderName } = readSettings(Deno.env.toObject());
  const stack = await readEnvironment(folder);
  if (stack) return { functionsUrl: stack.FUNCTIONS_URL, secretKey: stack.SECRET_KEY };
  throw new CommandError(
    `Cannot rotate: FUNCTIONS_URL and SECRET_KEY are not set, and no stack is running in "${folderName}".`,
  );
}
