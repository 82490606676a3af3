/**
 * `npm run reset`: empties the local stack. The next `npm start` begins with a new database.
 */
import { noArguments } from "../../common/arguments.ts";
import { runMain } from "../../common/run-main.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { resetStack } from "../../stack/folder/reset-stack.ts";

const help =
  `Deletes the data of the local stack: its database, its keys and the record of its migrations.

npm run reset
  --help  this text

STACK_DIR chooses the stack, which must not be running. "npm start" then begins with a new database.`;

await runMain({ help, parse: noArguments("reset"), run: reset });

async function reset(): Promise<void> {
  const { folder, folderName } = readSettings(Deno.env.toObject());
  const removed = await resetStack(folder, folderName);
  console.log(
    removed.length === 0
      ? `Nothing to reset: there is no stack in "${folderName}".`
      : `Removed from "${folderName}": ${removed.join(", ")}. "npm start" creates a new one.`,
  );
}
