/**
 * Runs cron jobs: each run logs its outcome, and no job overlaps itself.
 */
import { Cron } from 'croner'
import type { Clock } from '../base/clock.ts'
import { StoreFailure } from '../base/errors.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

export interface Job {
  readonly name: string
  /** Cron pattern with seconds. */
  readonly pattern: string
  /** Runs the job once; the result is logged. Undefined = there was nothing to do. */
  readonly run: () => Promise<LogFields | undefined>
}

export interface JobSchedulerOptions {
  readonly jobs: readonly Job[]
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
}

/** Starts the jobs. The returned function stops them and resolves when no run is in progress. */
export function startJobs({ jobs, ...options }: JobSchedulerOptions): () => Promise<void> {
  const running = new Set<Promise<void>>()
  const crons = jobs.map(
    ({ name, pattern, run }) =>
      new Cron(
        pattern,
        { name, protect: true, catch: (error) => options.report('job', error, { job: name }) },
        async () => {
          const work = runJob(name, run, options)
          running.add(work)
          await work
          running.delete(work)
        },
      ),
  )
  return async () => {
    for (const cron of crons) cron.stop()
    await Promise.all(running)
  }
}

async function runJob(
  job: string,
  run: Job['run'],
  { clock, logger, report }: Omit<JobSchedulerOptions, 'jobs'>,
): Promise<void> {
  const startedAt = clock.monotonic()
  try {
    const outcome = await run()
    if (outcome) logger.info('job done', { job, durationMs: Math.round(clock.monotonic() - startedAt), ...outcome })
  } catch (error) {
    logger.error('job failed', { job, durationMs: Math.round(clock.monotonic() - startedAt), error })
    // An unavailable store is no defect of the service.
    if (!(error instanceof StoreFailure)) report('job', error, { job })
  }
}
