/** Reports and schedules as the service answers them. */
import type { ReportData, ReportListData, ReportVersionsData } from '../../http/reports/report-data.ts'
import type { ScheduleData, ScheduleListData } from '../../http/reports/schedule-data.ts'
import type { ENGLISH } from './texts/en.ts'
import type { BlockKind, Chart } from '../../reports/report-parts.ts'

export type Report = ReportData
export type ReportSummary = ReportListData['reports'][number]
export type ReportList = ReportListData
/** The versions that are kept, the newest first. */
export type ReportVersions = ReportVersionsData
export type ReportVersion = ReportVersions['versions'][number]
export type Schedule = ScheduleData
export type ScheduleList = ScheduleListData
/** Those of the service, each of which has a text. */
export type DeliveryStatus = keyof typeof ENGLISH.log.statuses

/** One mail of a schedule. Instants are texts of ISO 8601. */
export interface Delivery {
  readonly id: string
  readonly scheduledFor: string
  readonly recipient: string
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly error: string | null
}

export interface DeliveryList {
  /** The newest first. */
  readonly deliveries: readonly Delivery[]
  /** The next page; null on the last one. */
  readonly cursor: string | null
}

/** What a run says about a block. */
export interface BlockRun {
  readonly title: string
  readonly kind: BlockKind
  readonly chart: Chart
  readonly data: object
}

export interface ReportRun {
  readonly blocks: readonly BlockRun[]
}
