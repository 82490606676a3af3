import { Cron } from "croner";
import postgres from "postgres";
import { z } from "zod";
import { settledWithin } from "../process/settled-within.ts";

/** What a scheduler is given. */
export interface SchedulerOptions {
  /** Connection string of the role that owns the jobs. */
  url: string;
  /** Prints a line for the person at the terminal. */
  report: (line: string) => void;
}

/** Runs the jobs of a database that has no pg_cron. */
export interface Scheduler {
  /** Names of the jobs that it runs. */
  readonly names: string[];
  /** Starts no further run, lets those under way finish, up to so many milliseconds, and cuts the rest. */
  stop(patience: number): Promise<void>;
}

const job = z.object({
  name: z.string(),
  schedule: z.string(),
  timeout: z.number(),
  isDue: z.boolean(),
});
type Job = z.infer<typeof job>;

/** Sessions at once: jobs are short, and a hanging one must not stop the others. */
const sessions = 5;

/** Time that the database gets to end what is cut, in milliseconds. */
const cutPatience = 1_000;

/**
 * Starts the jobs that are declared in `private.jobs`, as pg_cron does on the platform, and follows
 * the table. What has been due since before the start, as on a machine that sleeps at night, runs at
 * once.
 *
 * A job that fails is reported once, and once more when it works again.
 *
 * Where pg_cron runs them too, or a second scheduler, nothing is done twice.
 */
export async function startScheduler({ url, report }: SchedulerOptions): Promise<Scheduler> {
  const sql = postgres(url, {
    max: sessions,
    idle_timeout: 30,
    connection: { application_name: "agentbase jobs" },
    onnotice: () => {},
  });
  const scheduled = new Map<string, { job: Job; cron: Cron }>();
  const running = new Map<Promise<void>, () => void>();
  const failing = new Map<string, string>();
  let isStopping = false;

  /** Tells about the first failure of a thing, and about its end. */
  function note(name: string, failure: string | null): void {
    if (isStopping) return;
    if (failure !== null && !failing.has(name)) report(`  Jobs         ${failure}`);
    if (failure === null && failing.delete(name)) report(`  Jobs         "${name}" works again`);
    if (failure !== null) failing.set(name, failure);
  }

  /** Answers whether the job is well; not when somebody else runs it at the moment. */
  async function run({ name, timeout }: Job, cut: AbortSignal): Promise<boolean> {
    const session = await sql.reserve();
    try {
      await session`select set_config('statement_timeout', ${String(timeout)}, false)`;
      const call = session`call private.run_job(${name})`;
      cut.addEventListener("abort", () => call.cancel());
      await call;
      const [status] = await session`
        select last_outcome = 'succeeded' as "isWell" from public.job_status where name = ${name}`;
      return status?.isWell === true;
    } finally {
      session.release();
    }
  }

  /** Runs a job and never throws. */
  function begin(due: Job): Promise<void> {
    if (isStopping) return Promise.resolve();
    const cut = new AbortController();
    const done = run(due, cut.signal).then((isWell) => {
      if (isWell) note(due.name, null);
    }, (error) => note(due.name, describe(error, due.name)));
    running.set(done, () => cut.abort());
    return done.finally(() => running.delete(done));
  }

  async function readJobs(): Promise<Job[]> {
    return z.array(job).parse(
      await sql`
        select jobs.name, jobs.schedule, status.is_due and not status.is_running as "isDue",
          (extract(epoch from jobs.timeout) * 1000)::integer as timeout
        from private.jobs join public.job_status status using (name)
        where jobs.is_enabled
        order by jobs.name
      `,
    );
  }

  /** Brings the schedules in line with the table. */
  async function follow(): Promise<Job[]> {
    const jobs = await readJobs();
    for (const [name, { job: { schedule }, cron }] of scheduled) {
      if (jobs.some((job) => job.name === name && job.schedule === schedule)) continue;
      cron.stop();
      scheduled.delete(name);
    }
    for (const job of isStopping ? [] : jobs) {
      const cron = scheduled.get(job.name)?.cron ?? schedule(job);
      scheduled.set(job.name, { job, cron });
    }
    return jobs;
  }

  function schedule({ name, schedule }: Job): Cron {
    // A run that is still under way is not begun again.
    const options = { timezone: "UTC", mode: "5-part", protect: true } as const;
    return new Cron(schedule, options, async () => {
      const found = scheduled.get(name);
      if (found !== undefined) await begin(found.job);
    });
  }

  const jobs = await follow();
  const watch = new Cron(
    "30 * * * * *",
    { timezone: "UTC", protect: true },
    () =>
      follow().then(() => note("private.jobs", null), (error) => {
        note("private.jobs", describe(error, "private.jobs"));
      }),
  );
  // One after the other: after a long pause all of them are due.
  const catchUp = (async () => {
    for (const due of jobs.filter(({ isDue }) => isDue)) await begin(due);
  })();

  return {
    names: jobs.map(({ name }) => name),
    async stop(patience) {
      isStopping = true;
      watch.stop();
      for (const { cron } of scheduled.values()) cron.stop();
      await settledWithin(Promise.all([catchUp, ...running.keys()]), patience);
      for (const cut of running.values()) cut();
      await settledWithin(Promise.all([catchUp, ...running.keys()]), cutPatience);
      await sql.end({ timeout: 0 });
    },
  };
}

/** The database says which job failed and why; what else goes wrong is said here. */
function describe(error: unknown, name: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith("Job ") ? message : `"${name}" cannot run: ${message}`;
}
