/** What is stored of a rule between two evaluations: one entry, so that verdicts, states and what people are to be told change together. */
import type { SeriesKey } from '../reading/read-series.ts'
import type { AlertState, AlertStateName } from '../judging/alert-state.ts'
import type { FiredRun } from '../judging/fired-buckets.ts'
import type { Verdict } from '../detectors/verdict.ts'

export interface SeriesRecord {
  readonly series: SeriesKey
  readonly state: AlertState
  /** The first instant of the bucket at which the state began; undefined for a state that has lasted since the rule began. */
  readonly since?: number
  /** The newest verdict. */
  readonly outcome: Verdict['outcome']
  readonly value: number | null
  /** Of a rule with `splitBy`: the first instant of the newest bucket in which the series had anything. */
  readonly seen?: number
  /** Where the detector fired, as far as later buckets may need it. */
  readonly fired?: readonly FiredRun[]
  /** Whether people were to be told of the begin of the current episode. */
  readonly isAnnounced?: boolean
}

export type AnnouncementKind = 'firing' | 'resolved'

/** A change of state in the history of a rule. */
export interface RecordedTransition {
  readonly series: SeriesKey
  /** The first instant of the bucket that was judged, and of the one after it. */
  readonly bucket: number
  readonly end: number
  readonly from: AlertStateName
  readonly to: AlertStateName
  readonly value: number | null
  readonly expected?: Verdict['expected']
  /** When it was judged, epoch milliseconds. */
  readonly at: number
  /** What the change means to people; undefined where it means nothing. */
  readonly announcement?: AnnouncementKind
  /** Why nobody was told. */
  readonly isSilenced?: 'snoozed' | 'begin not announced'
}

export interface AlertRecord {
  /** `judgedSince` of the definition that the states belong to. */
  readonly judgedSince: number
  /** The first instant of the newest bucket that was judged. */
  readonly bucket: number
  readonly series: readonly SeriesRecord[]
  /** The latest changes, the oldest first. */
  readonly transitions: readonly RecordedTransition[]
  /** Changes that people are to be told of and that may not have been handed over to the deliveries yet. */
  readonly outbox: readonly RecordedTransition[]
}

/** The changes of state that are kept of a rule. */
export const KEPT_TRANSITIONS = 300
