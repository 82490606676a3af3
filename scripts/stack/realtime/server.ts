import type postgres from "postgres";
import type { Callers } from "./callers.ts";
import type { Catalogue } from "./changes/catalogue.ts";
import type { Dispatcher } from "./changes/dispatcher.ts";
import type { Hub } from "./hub.ts";
import type { Policies } from "./policies.ts";

/** What all connections of a server share. */
export interface Server {
  sql: postgres.Sql;
  callers: Callers;
  policies: Policies;
  catalogue: Catalogue;
  dispatcher: Dispatcher;
  hub: Hub;
}
