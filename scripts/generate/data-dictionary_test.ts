import { match, throws } from "node:assert/strict";
import { dataDictionary } from "./data-dictionary.ts";
import type { Relation, SchemaDescription } from "./describe-schema.ts";
import type { Domain } from "./domains.ts";

const view: Relation = {
  name: "job_status",
  comment: "The state of each job.",
  isView: true,
  columns: [],
  rules: [],
  policies: [],
  references: [],
};
const schema: SchemaDescription = {
  relations: [view],
  functions: [],
  jobs: [{ name: "sweep", schedule: "* * * * *", timeout: "50 s", description: "Sweeps" }],
};
const chapter: Domain = {
  title: "Whatever it is called",
  introduction: "How jobs run.",
  relations: ["job_status"],
  functions: [],
};

Deno.test("dataDictionary() lists the jobs in the chapter of their view, whatever its title", () => {
  match(dataDictionary(schema, [chapter]), /## Whatever it is called[\s\S]+\| `sweep` \|/);
});

Deno.test("dataDictionary() throws when jobs or a relation would be missing", () => {
  throws(() => dataDictionary({ ...schema, relations: [] }, []), /Cannot list the jobs/);
  throws(() => dataDictionary({ ...schema, jobs: [] }, []), /no migration says .*job_status/);
});
