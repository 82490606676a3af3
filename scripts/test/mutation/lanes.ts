import type { MigratedDatabase } from "../database/databases.ts";
import { prepareTests } from "../pgtap/prepare-tests.ts";
import type { Workspace } from "../../common/workspace.ts";
import { type Lane, openLane } from "./lane.ts";

/**
 * Prepares migrated databases for pgTAP and opens a lane on each; they close with the workspace.
 *
 * @param databases Each on a server of its own: counting usage waits for every transaction of the
 * server, so on a shared one a test could fail because of another lane.
 */
export async function openLanes(
  root: string,
  databases: readonly MigratedDatabase[],
  workspace: Workspace,
): Promise<Lane[]> {
  return await Promise.all(databases.map(async (database) => {
    await prepareTests(database, root);
    const lane = openLane(database.adminUrl);
    workspace.defer(() => lane.close());
    return lane;
  }));
}
