/**
 * `npm run reset`: empties the local stack. The next `npm start` begins with a new database.
 */
import { explain } from "../../common/explain.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { resetStack } from "../../stack/folder/reset-stack.ts";

try {
  const { folder, folderName } = readSettings(Deno.env.toObject());
  const removed = await resetStack(folder, folderName);
  console.log(
    removed.length === 0
      ? `Nothing to reset: there is no stack in "${folderName}".`
      : `Removed from "${folderName}": ${removed.join(", ")}. "npm start" begins afresh.`,
  );
} catch (error) {
  console.error(explain(error));
  Deno.exit(1);
}
