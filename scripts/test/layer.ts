import type { Databases } from "./database/databases.ts";
import type { TestOptions } from "./options.ts";
import type { Results } from "./results.ts";
import type { Workspace } from "../common/workspace.ts";

/** What a layer is given to work with. */
export interface LayerContext {
  /** The folder of the project. */
  root: string;
  workspace: Workspace;
  options: TestOptions;
  /** Where the layer counts. */
  results: Results;
  /** Migrated databases, started at first use and shared by the layers. */
  databases: Databases;
}

/** One layer of the tests. One that throws has failed, or was not run where it throws `NotAvailable`. */
export interface Layer {
  name: string;
  /** What it covers, for the report and for --help. */
  covers: string;
  run(context: LayerContext): Promise<void>;
}
