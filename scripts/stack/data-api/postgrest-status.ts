/** HTTP status for a SQLSTATE or its first characters, longest match first, as PostgREST answers. */
const statuses: Record<string, number> = {
  "08": 503, // connection
  "09": 500, // triggered action
  "0L": 403, // grantor
  "0P": 403, // role
  "21000": 500,
  "23503": 409, // foreign key
  "23505": 409, // unique
  "25": 500, // transaction state
  "25006": 405, // read-only transaction
  "28": 403, // authorization
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500, // rollback
  "42883": 404, // undefined function
  "42P01": 404, // undefined table
  "42P17": 500, // infinite recursion in a policy
  "53": 503, // resources
  "53400": 500,
  "54": 500, // too complex
  "55": 500,
  "57": 500, // operator intervention, statement timeout among them
  "57P01": 503, // shutting down
  "58": 500,
  "F0": 500,
  "HV": 500,
  "P0": 500,
  "P0001": 400, // raise exception
  "XX": 500,
};

/** The HTTP status with which PostgREST reports a SQLSTATE; 400 for all it does not list. */
export function postgrestStatus(sqlState: string): number {
  return statuses[sqlState] ?? statuses[sqlState.slice(0, 2)] ?? 400;
}
