import type { Metrics } from '../measure/service-metrics.ts'

/** The histograms of the service that measure a stage of ingestion. */
const STAGES = {
  lookup: 'analytics_lookup_duration_seconds',
  insert: 'analytics_insert_duration_seconds',
  facts: 'analytics_facts_duration_seconds',
  flush: 'analytics_flush_duration_seconds',
} as const

/** Elapsed time by stage, as the service measures it. Stages of different blocks overlap, so that their sum may be longer than the drain. */
export type Stages = Readonly<Record<keyof typeof STAGES, Stage>>

export interface Stage {
  readonly count: number
  readonly meanMs: number
  readonly microsPerEvent: number
}

export function stagesOf(metrics: Metrics, events: number): Stages {
  const stage = (name: string): Stage => {
    const [count, seconds] = [metrics.get(`${name}_count`) ?? 0, metrics.get(`${name}_sum`) ?? 0]
    return {
      count,
      meanMs: count === 0 ? 0 : Math.round((seconds / count) * 1e4) / 10,
      microsPerEvent: Math.round((seconds / events) * 1e7) / 10,
    }
  }
  return {
    lookup: stage(STAGES.lookup),
    insert: stage(STAGES.insert),
    facts: stage(STAGES.facts),
    flush: stage(STAGES.flush),
  }
}
