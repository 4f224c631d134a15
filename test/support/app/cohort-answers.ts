/** What the endpoints of cohorts answer. */

export interface Cell {
  period: number
  count: number
  rate: number
  cumulative?: number
  complete: boolean
}
export interface Table {
  cohorts: { bucket: string; size: number; cells: Cell[]; drill: { path: string; body: Record<string, unknown> } }[]
  mean: { period: number; rate: number; cohortsUsed: number }[]
}
export interface Members {
  members: { id: string; startedAt: string; eventAt: string | null }[]
  count: number
  cursor: string | null
}
export interface Answer<Data> {
  status: number
  text: string
  headers: Headers
  body: {
    data: Data
    meta: { asOf: string; rulesVersion?: number }
    error?: { code: string; details?: { path: string; message: string }[] }
  }
}
