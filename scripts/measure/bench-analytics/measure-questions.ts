import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import type { Data } from "./data.ts";
import { type Question, questionsOf } from "./questions.ts";
import { stopwatchOf } from "../common/stopwatch.ts";
import { compare, type Timing } from "./timing.ts";

/** How long a query takes under row level security, and without it. */
export interface QuestionResult extends Timing {
  question: Question;
  /** Rows of the answer. */
  rows: number;
}

/**
 * Rounds until Postgres has chosen a plan for a prepared statement, and their time limit in
 * milliseconds.
 */
const planRounds = 6;
const planPatience = 3_000;

/**
 * Runs every query in turn as the user and without row level security. Both must return the same
 * rows.
 */
export async function measureQuestions(data: Data, rounds: number): Promise<QuestionResult[]> {
  const person = data.dataset.people[0]!.id;
  const options = { max: 1, onnotice: () => {} };
  const [asPerson, byHand] = [postgres(data.url, options), postgres(data.url, options)];
  try {
    const memberships = await byHand<{ organization_id: string }[]>`
      select organization_id from public.organization_members where user_id = ${person}`;
    const claims = JSON.stringify({ sub: person, role: "authenticated" });
    await asPerson`select set_config('request.jwt.claims', ${claims}, false)`;
    await asPerson`set role authenticated`;
    const [myWatch, otherWatch] = [await stopwatchOf(asPerson), await stopwatchOf(byHand)];
    const questions = questionsOf(data.dataset, memberships.map((row) => row.organization_id));
    const results: QuestionResult[] = [];
    for (const [place, question] of questions.entries()) {
      // Like the Data API: by prepared statements.
      await asPerson.unsafe(`prepare question_${place} as ${question.asPerson}`);
      await byHand.unsafe(`prepare question_${place} as ${question.byHand}`);
      const ask = (sql: postgres.Sql) => sql.unsafe(`execute question_${place}`);
      const [mine, other] = [await ask(asPerson), await ask(byHand)];
      if (sorted(mine) !== sorted(other)) {
        throw new CommandError(
          `Cannot compare "${question.name}": the two ways answer differently.`,
        );
      }
      const startedAt = performance.now();
      for (let round = 0; round < planRounds; round++) {
        if (performance.now() - startedAt > planPatience) break;
        await ask(asPerson);
        await ask(byHand);
      }
      const timing = await compare(
        rounds,
        () => myWatch(() => ask(asPerson)),
        () => otherWatch(() => ask(byHand)),
      );
      results.push({ question, rows: mine.length, ...timing });
    }
    return results;
  } finally {
    await Promise.all([asPerson.end(), byHand.end()]);
  }
}

/** Sorts rows, since queries without a full order may return them in any. */
function sorted(rows: readonly unknown[]): string {
  return rows.map((row) => JSON.stringify(row)).sort().join("\n");
}
