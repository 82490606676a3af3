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
  /** When the table is read again and missed ticks are made up for. @default every minute */
  watch?: string;
}

/** Runs the jobs of a database that has no pg_cron. */
export interface Scheduler {
  /** Names of the jobs that it runs. */
  readonly names: string[];
  /** Starts no further run, waits this many milliseconds for running ones, and cancels the rest. */
  stop(patience: number): Promise<void>;
}

const job = z.object({
  name: z.string(),
  schedule: z.string(),
  timeout: z.number(),
  isDue: z.boolean(),
  isOverdue: z.boolean(),
});
type Job = z.infer<typeof job>;

/** Sessions at once: jobs are short, and a hanging one must not stop the others. */
const sessions = 5;

/** Time within which the database must end cancelled runs and record them, in milliseconds. */
const cutPatience = 20_000;

/**
 * Starts the jobs that are declared in `private.jobs`, as pg_cron does on the platform, and follows
 * the table. A job whose tick was missed, as on a machine that sleeps at night, runs at once: at the
 * start, or within a minute after the machine wakes.
 *
 * A job that fails is reported once, and once more when it works again.
 *
 * Where pg_cron runs them too, or a second scheduler, nothing is done twice.
 */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const scheduler = new JobScheduler(options);
  await scheduler.start();
  return scheduler;
}

class JobScheduler implements Scheduler {
  readonly #sql: postgres.Sql;
  readonly #report: (line: string) => void;
  readonly #watchPattern: string;
  readonly #scheduled = new Map<string, { job: Job; cron: Cron }>();
  /** Running jobs, each with a function that cancels it. */
  readonly #running = new Map<Promise<void>, () => void>();
  readonly #failing = new Map<string, string>();
  #isStopping = false;
  #watch: Cron | null = null;
  #catchUp: Promise<void> = Promise.resolve();

  names: string[] = [];

  constructor({ url, report, watch = "30 * * * * *" }: SchedulerOptions) {
    this.#report = report;
    this.#watchPattern = watch;
    this.#sql = postgres(url, {
      max: sessions,
      idle_timeout: 30,
      connection: { application_name: "agentbase jobs" },
      onnotice: () => {},
    });
  }

  async start(): Promise<void> {
    const jobs = await this.#follow();
    this.names = jobs.map(({ name }) => name);
    this.#watch = new Cron(
      this.#watchPattern,
      { timezone: "UTC", protect: true },
      () =>
        this.#follow().then((followed) => {
          this.#note("private.jobs", null);
          this.#runInTurn(followed.filter(({ isOverdue }) => isOverdue));
        }, (error) => {
          this.#note("private.jobs", describe(error, "private.jobs"));
        }),
    );
    // Including runs that the last scheduler cancelled.
    this.#runInTurn(jobs.filter(({ isDue }) => isDue));
  }

  async stop(patience: number): Promise<void> {
    this.#isStopping = true;
    this.#watch?.stop();
    for (const { cron } of this.#scheduled.values()) cron.stop();
    const underWay = () => Promise.all([this.#catchUp, ...this.#running.keys()]);
    await settledWithin(underWay(), patience);
    for (const cut of this.#running.values()) cut();
    await settledWithin(underWay(), cutPatience);
    await this.#sql.end({ timeout: 0 });
  }

  /** One after the other: after a long pause all of them are due. */
  #runInTurn(jobs: readonly Job[]): void {
    this.#catchUp = this.#catchUp.then(async () => {
      for (const job of jobs) await this.#begin(job);
    });
  }

  /** Reports the first failure of a job, and its next success. */
  #note(name: string, failure: string | null): void {
    if (this.#isStopping) return;
    if (failure !== null && !this.#failing.has(name)) this.#report(`  Jobs         ${failure}`);
    if (failure === null && this.#failing.delete(name)) {
      this.#report(`  Jobs         "${name}" succeeds again`);
    }
    if (failure !== null) this.#failing.set(name, failure);
  }

  /** Runs the job. @returns whether it succeeded; false if another process is running it. */
  async #run({ name, timeout }: Job, cut: AbortSignal): Promise<boolean> {
    const session = await this.#sql.reserve();
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
  #begin(due: Job): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    const cut = new AbortController();
    const done = this.#run(due, cut.signal).then((isWell) => {
      if (isWell) this.#note(due.name, null);
    }, (error) => this.#note(due.name, describe(error, due.name)));
    this.#running.set(done, () => cut.abort());
    return done.finally(() => this.#running.delete(done));
  }

  async #readJobs(): Promise<Job[]> {
    return z.array(job).parse(
      await this.#sql`
        select jobs.name, jobs.schedule, status.is_due and not status.is_running as "isDue",
          jobs.name in (select private.overdue_jobs()) as "isOverdue",
          (extract(epoch from jobs.timeout) * 1000)::integer as timeout
        from private.jobs join public.job_status status using (name)
        where jobs.is_enabled
        order by jobs.name
      `,
    );
  }

  /** Brings the schedules in line with the table. */
  async #follow(): Promise<Job[]> {
    const jobs = await this.#readJobs();
    for (const [name, { job: { schedule }, cron }] of this.#scheduled) {
      if (jobs.some((job) => job.name === name && job.schedule === schedule)) continue;
      cron.stop();
      this.#scheduled.delete(name);
    }
    for (const job of this.#isStopping ? [] : jobs) {
      const cron = this.#scheduled.get(job.name)?.cron ?? this.#schedule(job);
      this.#scheduled.set(job.name, { job, cron });
    }
    return jobs;
  }

  #schedule({ name, schedule }: Job): Cron {
    // A job that still runs is not started again.
    const options = { timezone: "UTC", mode: "5-part", protect: true } as const;
    return new Cron(schedule, options, async () => {
      const found = this.#scheduled.get(name);
      if (found !== undefined) await this.#begin(found.job);
    });
  }
}

/** The database's error names the job and the reason; other errors get the name here. */
function describe(error: unknown, name: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith("Job ") ? message : `"${name}" failed: ${message}`;
}
