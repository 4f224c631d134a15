/** The answer of a funnel as a file: its steps, and in a workbook its breakdown and its trend. */
import type { FunnelQuery } from '../../analytics/funnels/funnel-request.ts'
import type { FunnelData } from '../../analytics/funnels/funnel-response.ts'
import type { VersionedFile } from '../cache/versioned-response.ts'
import { type Column, headingOf } from '../export/columns.ts'
import { csvStyleOf, type ExportParameters } from '../export/export-parameters.ts'
import { aboutTable, exportHeaders } from '../export/export-request.ts'
import type { ExportFormat } from '../export/response-format.ts'
import type { Cell, TableShape } from '../export/tables.ts'

const STEPS = 'steps'
const TOTALS = 'totals'
const BREAKDOWN = 'breakdown'
const TREND = 'trend'

type Row = Readonly<Record<string, Cell>>

const column = (key: string, kind: Column['kind']): Column => ({ key, heading: headingOf(key), kind })
const stepKey = (index: number) => `step${index + 1}`

/** What a file is made of. */
interface FileData {
  readonly [STEPS]: readonly Row[]
  readonly [TOTALS]: Row
  readonly [BREAKDOWN]: readonly Row[]
  readonly [TREND]: readonly Row[]
}

/** The numbers of a funnel without the requests for their members. */
export function funnelFileData({ entered, excluded, open, steps, overall, breakdown, trend }: FunnelData): FileData {
  return {
    [STEPS]: steps.map((step, index) => ({
      step: index + 1,
      name: step.name,
      event: step.event,
      count: step.count,
      conversionFromFirst: step.conversionFromFirst,
      conversionFromPrevious: step.conversionFromPrevious,
      droppedOff: step.droppedOff,
      medianSeconds: step.medianSeconds,
      p90Seconds: step.p90Seconds,
    })),
    [TOTALS]: { entered, excluded, open, ...overall },
    [BREAKDOWN]: (breakdown ?? []).map(({ key, name, steps: counts }) => ({
      value: String(key),
      name: name ?? null,
      ...Object.fromEntries(counts.map((count, index) => [stepKey(index), count])),
    })),
    [TREND]: (trend ?? []).map(({ complete, ...point }) => ({ ...point, complete: String(complete) })),
  }
}

/** The file of an answer of `funnelFileData`. */
export function funnelFile(query: FunnelQuery, format: ExportFormat, parameters: ExportParameters): VersionedFile {
  const { entity, steps, order, window, exclusions, breakdown, trend, range, zone } = query
  const shapes = funnelShapes(query)
  const subject = {
    entity,
    steps: steps.map(({ event, filter }) => (filter ? `${event} ${JSON.stringify(filter)}` : event)).join(', '),
    order,
    window,
    exclusions: exclusions.map(({ event, after, before }) => `${event} ${after + 1}–${before + 1}`).join(', '),
    breakdown: breakdown ? `${breakdown.dimension} ${breakdown.of}` : '',
    trend: trend ?? '',
  }
  return {
    format,
    parameters,
    headers: exportHeaders({ dashboard: { name: 'funnel', mainTable: STEPS }, format, table: STEPS, range, zone }),
    task: ({ json, readAt }) => ({
      format,
      json,
      shapes: format === 'csv' ? [shapes[0]] : shapes,
      about: aboutTable({ subject, range, zone, filters: {}, comparison: undefined }, readAt),
      csv: csvStyleOf(parameters),
      timezone: zone.name,
      readAt,
    }),
  }
}

/** The tables of the data of `funnelFileData`. The steps come first. */
export function funnelShapes({
  steps,
  breakdown,
  trend,
}: FunnelQuery): readonly [steps: TableShape, ...others: TableShape[]] {
  const times = [column('medianSeconds', 'number'), column('p90Seconds', 'number')]
  return [
    {
      name: STEPS,
      columns: [
        { ...column('step', 'number'), isLabel: true },
        column('name', 'text'),
        column('event', 'text'),
        column('count', 'number'),
        column('conversionFromFirst', 'percentage'),
        column('conversionFromPrevious', 'percentage'),
        column('droppedOff', 'number'),
        ...times,
      ],
      rowLayout: 'list',
    },
    {
      name: TOTALS,
      columns: [
        ...['entered', 'excluded', 'open'].map((key) => column(key, 'number')),
        column('conversionRate', 'percentage'),
        ...times,
      ],
      rowLayout: 'object',
    },
    ...(breakdown
      ? [
          {
            name: BREAKDOWN,
            columns: [
              column('value', 'text'),
              column('name', 'text'),
              ...steps.map((_, index) => column(stepKey(index), 'number')),
            ],
            rowLayout: 'list' as const,
          },
        ]
      : []),
    ...(trend
      ? [
          {
            name: TREND,
            columns: [
              column('timestamp', trend === 'hour' ? 'hour' : 'day'),
              column('entered', 'number'),
              column('converted', 'number'),
              column('conversionRate', 'percentage'),
              column('complete', 'text'),
            ],
            rowLayout: 'list' as const,
          },
        ]
      : []),
  ]
}
