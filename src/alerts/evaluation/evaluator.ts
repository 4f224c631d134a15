/**
 * Evaluates the rules of all tenants as their buckets settle. Several processes may do so: a bucket counts as judged once its record is written, and only one process can write it.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { ApiFailure, messageOf, StoreFailure } from '../../base/errors.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { Logger } from '../../base/logger.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { Definition, DefinitionFeed, DefinitionStore } from '../../definitions/ports.ts'
import type { AlertDefinition } from '../alert-definition.ts'
import type { AlertRecordStore } from '../ports.ts'
import type { SeriesSource } from '../reading/read-series.ts'
import type { AlertRecord, RecordedTransition } from './alert-record.ts'
import { evaluateRule } from './evaluate-rule.ts'
import { inBatches } from './in-batches.ts'
import { dueAfter, type PlannedRule, PlannedRules } from './planned-rules.ts'
import { bucketsToJudge, DEPTHS, type DueRule, GroupReader, isDecided, type ReadGroup } from './read-group.ts'

export interface EvaluatorOptions {
  readonly definitions: DefinitionFeed<AlertDefinition> & Pick<DefinitionStore<AlertDefinition>, 'find'>
  readonly records: AlertRecordStore
  /** What series are read from at an instant. */
  readonly sourceAt: (now: number) => SeriesSource
  /** Hands a change of state over to the deliveries. Repeating it does not tell anybody again. Rejects while the broker does not respond. */
  readonly announce: (definition: Definition<AlertDefinition>, transition: RecordedTransition) => Promise<void>
  /** How far ingestion is behind the stream, in milliseconds. */
  readonly lagMs: () => number
  /** Whether this process judges the rules of a tenant. */
  readonly isLocal: (tenantId: string) => boolean
  /** Told about each round that judged something. */
  readonly onRound?: (round: EvaluationRound) => void
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
}

export interface EvaluationRound {
  readonly rules: number
  readonly reads: number
  readonly seconds: number
}

/** With a larger lag, buckets may lack events that have been published. */
const MAX_LAG_MS = 300_000
const ROUND_INTERVAL_MS = 5_000
/** After the start, ingestion first learns how far it is behind. */
const START_DELAY_MS = 3_000
/** A rule whose read or write failed is tried again after this time. */
const RETRY_MS = 30_000
/** Groups that are read at a time. */
const CONCURRENT_GROUPS = 2
const CONCURRENT_RULES = 50

export class Evaluator {
  readonly #options: EvaluatorOptions
  readonly #rules: PlannedRules
  readonly #reader = new GroupReader()
  #isStale = false
  #wake = () => {}

  constructor(options: EvaluatorOptions) {
    this.#options = options
    this.#rules = new PlannedRules(options.logger)
  }

  /** Whether rules are not judged because this service is behind its stream. */
  get isStale(): boolean {
    return this.#isStale
  }

  /** Why a rule cannot be judged now; undefined where it can. */
  problemOf(id: string): string | undefined {
    return this.#rules.get(id)?.problem
  }

  /** Evaluates until the signal aborts. Resolves when no round is in progress. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, definitions, report } = this.#options
    let hasChanged = true
    const stopWatching = definitions.onChange(() => {
      hasChanged = true
      this.#wake()
    })
    await sleep(clock, START_DELAY_MS, signal)
    while (!signal.aborted) {
      if (hasChanged) {
        hasChanged = false
        await this.update()
      }
      try {
        await this.round(signal)
      } catch (error) {
        report('job', error, { job: 'alert evaluation' })
      }
      if (!hasChanged) await this.#untilNext(signal)
    }
    stopWatching()
  }

  /** Judges what has settled. Exposed for measurements. */
  async round(signal: AbortSignal): Promise<void> {
    const { clock, lagMs, logger, isLocal, onRound } = this.#options
    const startedAt = clock.monotonic()
    const lag = lagMs()
    const isStale = lag > MAX_LAG_MS
    if (isStale !== this.#isStale)
      logger.warn(isStale ? 'alert rules wait: ingestion is behind' : 'alert rules are judged again', {
        lagSeconds: Math.round(lag / 1_000),
      })
    this.#isStale = isStale
    this.#reader.beginRound(startedAt)
    const groups = isStale ? [] : this.#rules.due(clock.now(), isLocal)
    let [judged, reads] = [0, 0]
    const next = async () => {
      for (let group = groups.pop(); group && !signal.aborted; group = groups.pop()) {
        const count = await this.#evaluateGroup(group)
        judged += count
        if (count > 0) reads++
      }
    }
    await Promise.all(Array.from({ length: CONCURRENT_GROUPS }, next))
    if (judged > 0) onRound?.({ rules: judged, reads, seconds: (clock.monotonic() - startedAt) / 1_000 })
  }

  /** Takes over the definitions as they are now. Exposed for measurements. */
  async update(): Promise<void> {
    const dropped = this.#rules.update(this.#options.definitions.all())
    await inBatches(dropped, CONCURRENT_RULES, (planned) => this.#removeRecord(planned))
  }

  /** Removes the record of a rule that was removed: a round that was in progress may have written it again. Never rejects. */
  async #removeRecord({ definition: { tenantId, id } }: PlannedRule): Promise<void> {
    const { definitions, records, logger } = this.#options
    // A rule that was disabled keeps its history.
    const removed = definitions.find(tenantId, id).then((found) => (found ? undefined : records.remove(tenantId, id)))
    await removed.catch((error: unknown) => logger.warn('a record of a removed alert rule may remain', { error }))
  }

  /** Returns how many rules were judged. Never rejects. */
  async #evaluateGroup(group: readonly PlannedRule[]): Promise<number> {
    const { clock, sourceAt } = this.#options
    const now = clock.now()
    try {
      await inBatches(group, CONCURRENT_RULES, (planned) => this.#loadRecord(planned))
      const due = group.flatMap((planned): DueRule[] => {
        const buckets = bucketsToJudge(planned, now)
        planned.dueAt = buckets ? now : dueAfter(planned.rule, planned.stored!.record.bucket)
        return buckets ? [{ planned, buckets }] : []
      })
      if (due.length === 0) return 0
      const source = sourceAt(now)
      let waiting = due
      for (const depth of DEPTHS) {
        if (waiting.length === 0) break
        const read = await this.#reader.read(source, waiting, depth, clock.monotonic())
        const { decided = [], undecided = [] } = Object.groupBy(waiting, (each) =>
          isDecided(each, read, depth) ? 'decided' : 'undecided',
        )
        await this.#judge(decided, read, now)
        waiting = undecided
      }
      return due.length
    } catch (error) {
      this.#postpone(group, error)
      return 0
    }
  }

  async #judge(due: readonly DueRule[], { timeline, firstStored, tableOf }: ReadGroup, now: number): Promise<void> {
    const slices = new TimeSlices()
    const judged: { readonly planned: PlannedRule; readonly record: AlertRecord }[] = []
    for (const { planned, buckets } of due) {
      await slices.yieldIfExpired()
      const { definition, rule, stored } = planned
      const { judgedSince, snoozedUntil = -Infinity } = definition.body
      const [from, to] = [timeline.starts.indexOf(buckets.from), timeline.starts.indexOf(buckets.to)]
      const series = { timeline, table: tableOf(rule), firstStored }
      const record = evaluateRule(stored?.record, { rule, judgedSince, snoozedUntil, ...series, from, to, now })
      judged.push({ planned, record })
    }
    await inBatches(judged, CONCURRENT_RULES, ({ planned, record }) => this.#store(planned, record))
  }

  /** Reads the record of a rule once, and hands over what a process that ended may have left in it. */
  async #loadRecord(planned: PlannedRule): Promise<void> {
    if (planned.stored !== undefined) return
    const { records, announce } = this.#options
    const { tenantId, id, body } = planned.definition
    const stored = (await records.read(tenantId, id)) ?? null
    // The states of a rule that was changed or enabled since begin anew: what came before is not told again.
    const outbox = stored?.record.judgedSince === body.judgedSince ? stored.record.outbox : []
    for (const transition of outbox) await announce(planned.definition, transition)
    planned.stored = stored
  }

  async #store(planned: PlannedRule, record: AlertRecord): Promise<void> {
    const { definitions, records, announce, logger } = this.#options
    const { definition } = planned
    const { tenantId, id } = definition
    // It was removed during the round: nothing of it is stored any more.
    if (!(await definitions.find(tenantId, id))) return
    const revision = await records.write(tenantId, id, record, planned.stored?.revision ?? 0)
    if (revision === undefined) {
      // Another process has judged the rule. Its record says how far.
      planned.stored = undefined
      return
    }
    planned.stored = { record, revision }
    planned.dueAt = dueAfter(planned.rule, record.bucket)
    planned.problem = undefined
    for (const transition of record.outbox) {
      const { bucket, to, from, announcement } = transition
      // Without the series, which is a text of events.
      logger.info('alert rule changed its state', {
        tenantId,
        ruleId: id,
        bucket: new Date(bucket).toISOString(),
        from,
        to,
        announcement,
      })
      await announce(definition, transition)
    }
  }

  #postpone(group: readonly PlannedRule[], error: unknown): void {
    const { clock, logger, report } = this.#options
    const { tenantId } = group[0]!.definition
    const isExpected = error instanceof StoreFailure || error instanceof ApiFailure
    logger.warn('alert rules cannot be judged now', { tenantId, rules: group.length, error: messageOf(error) })
    if (!isExpected) report('job', error, { job: 'alert evaluation' })
    for (const planned of group) {
      // The outbox of a record that was just written is handed over when it is read again.
      planned.stored = undefined
      planned.dueAt = clock.now() + RETRY_MS
      planned.problem = error instanceof ApiFailure ? error.message : 'The rule could not be judged.'
    }
  }

  async #untilNext(signal: AbortSignal): Promise<void> {
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    await Promise.race([woken, sleep(this.#options.clock, ROUND_INTERVAL_MS, AbortSignal.any([signal, timer.signal]))])
    timer.abort()
    this.#wake = () => {}
  }
}
