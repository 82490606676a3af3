import type { NpmPrograms } from "./npm-packages.ts";

/**
 * n8n, in the last line that runs on Node 20.
 *
 * Its own `xlsx` is a file on a host that is not a registry, and newer versions of `langgraph-checkpoint`
 * need another `@langchain/core` than it pins. SQLite, which npm would not compile, is not needed: n8n
 * keeps its data in the Postgres of the stack.
 */
export const n8n: NpmPrograms = {
  name: "n8n",
  packages: { n8n: "1.123.81" },
  overrides: { xlsx: "0.18.5", "@langchain/langgraph-checkpoint": "1.0.0" },
  ignoresPeers: true,
  folder: "n8n",
  size: "1.4 GB",
};
