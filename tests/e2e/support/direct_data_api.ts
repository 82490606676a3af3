import postgres from "postgres";
import type { DataApi } from "../../../functions/_shared/database/client.ts";
import { stack } from "./stack.ts";

/** The functions of the Data API, called as service_role over connections of one's own. */
export interface DirectDataApi extends AsyncDisposable {
  client: DataApi;
}

/**
 * Connects without the development server that stands in for the Data API: calls at the same time
 * then meet in Postgres, as those of many isolates do.
 */
export function directDataApi(connections: number): DirectDataApi {
  const sql = postgres(stack.DB_URL, {
    max: connections,
    connection: { options: "-c role=service_role" },
    onnotice: () => {},
  });
  const rpc = async (name: string, args: Record<string, unknown>) => {
    const names = Object.keys(args);
    const list = names.map((argument, index) => `${argument} => $${index + 1}`).join(", ");
    try {
      const [row] = await sql.unsafe(
        `select public.${name}(${list}) as data`,
        // SAFETY: postgres.js writes an object as JSON, and texts as they are.
        Object.values(args) as string[],
      );
      return { data: row?.data, error: null, status: 200 };
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      const { code, message, detail: details, hint } = error;
      return { data: null, error: { code, message, details, hint }, status: 500 };
    }
  };
  return {
    // SAFETY: what is tested with this calls functions, and nothing else of the Data API.
    client: { rpc } as unknown as DataApi,
    [Symbol.asyncDispose]: () => sql.end(),
  };
}
