/** The answers about funnels. */
import type { Drill } from '../../analytics/drill-down/drill.ts'

export interface FunnelPreset {
  readonly id: string
  readonly name: string
  readonly request: object
}

export interface FunnelStepAnswer {
  readonly name: string
  readonly event: string
  readonly count: number
  readonly conversionFromFirst: number
  /** Null for the first step. */
  readonly conversionFromPrevious: number | null
  readonly droppedOff: number
  readonly medianSeconds: number | null
  readonly p90Seconds: number | null
  readonly drill?: Drill
  readonly droppedOffDrill?: Drill
}

export interface FunnelAnswer {
  readonly entered: number
  readonly excluded: number
  readonly excludedDrill?: Drill
  readonly open: number
  readonly openDrill?: Drill
  readonly steps: readonly FunnelStepAnswer[]
  readonly overall: {
    readonly conversionRate: number
    readonly medianSeconds: number | null
    readonly p90Seconds: number | null
  }
  readonly breakdown?: readonly {
    readonly key: string | number
    readonly name?: string
    readonly steps: readonly number[]
  }[]
  readonly trend?: readonly {
    readonly timestamp: string
    readonly entered: number
    readonly converted: number
    readonly conversionRate: number
    readonly complete: boolean
  }[]
}
