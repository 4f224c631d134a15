/** Where in the view of reports the user is: the part `definition` of the address. */
import type { BlockRequest } from '../../reports/report.ts'
import type { ViewState } from '../state/view-state.ts'

/** The id of a report that is not stored yet. */
export const NEW = 'new'

/**
 * `report` shows the numbers, `wall` shows them without anything else, `edit` is the builder, to which a block may come from another view, `versions`
 * shows the versions of the report, and `schedules` its schedules, one of them opened.
 */
export type ReportPlace =
  | { readonly page: 'report' | 'wall' }
  | { readonly page: 'edit'; readonly add?: BlockRequest | undefined }
  | { readonly page: 'versions'; readonly version?: number | undefined }
  | { readonly page: 'schedules'; readonly schedule?: string | undefined }

/** Reads the text of an address; anything unknown is the report. */
export function parsePlace(text: string | undefined): ReportPlace {
  const { page, add, version, schedule } = partsOf(text)
  if (page === 'edit') return isBlock(add) ? { page, add } : { page }
  if (page === 'versions') return typeof version === 'number' ? { page, version } : { page }
  if (page === 'schedules') return typeof schedule === 'string' ? { page, schedule } : { page }
  return { page: page === 'wall' ? page : 'report' }
}

/** The text of the address; undefined for the report. */
export function formatPlace(place: ReportPlace): string | undefined {
  return place.page === 'report' ? undefined : JSON.stringify(place)
}

/** Whether the numbers of a stored report are shown. */
export function isReportShown({ id, definition }: Pick<ViewState, 'id' | 'definition'>): boolean {
  return id !== undefined && id !== NEW && parsePlace(definition).page === 'report'
}

function partsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** The service checks the rest. */
function isBlock(value: unknown): value is BlockRequest {
  if (typeof value !== 'object' || value === null) return false
  const { title, kind, body, chart } = value as Record<string, unknown>
  const areTexts = [title, kind, chart].every((part) => typeof part === 'string')
  return areTexts && typeof body === 'object' && body !== null
}
