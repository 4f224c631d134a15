/** Saved reports: their schema, and what of it a schema cannot express. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, object } from '../analytics/schemas.ts'
import type { FailureDetail } from '../base/errors.ts'
import { findTimeZone } from '../base/time-zone.ts'
import type { DefinitionStore } from '../definitions/ports.ts'
import { lineMistakes } from '../base/texts/one-line.ts'
import { BLOCK_KINDS, CHARTS, REPORT_LIMITS } from './report-parts.ts'

export const timezoneField = (what: string) =>
  Type.String({ minLength: 1, maxLength: 64, description: `${what}: an IANA time zone, such as Europe/Berlin.` })

export const BlockRequest = object(
  {
    title: Type.String({
      minLength: 1,
      maxLength: REPORT_LIMITS.title,
      description: 'The heading of the block. One line of text.',
    }),
    kind: choice(BLOCK_KINDS, 'What `body` is: that of `/query`, `/funnels` or `/cohorts`, or a dashboard.'),
    body: Type.Unsafe<Readonly<Record<string, unknown>>>(
      Type.Object(
        {},
        {
          title: 'ReportBlockRequest',
          additionalProperties: true,
          description:
            'What the block shows: the body of a request to `/query`, `/funnels` or `/cohorts`; of a dashboard `dashboard` with its name, and the parameters of its address. It is checked as such a request is. Without `timezone` it has that of the report.',
        },
      ),
    ),
    chart: choice(CHARTS, 'How the block is drawn.'),
  },
  'A part of a report.',
  'ReportBlock',
)
export type BlockRequest = Static<typeof BlockRequest>

export const ReportRequest = object(
  {
    name: Type.String({ minLength: 1, maxLength: REPORT_LIMITS.name, description: 'One line of text.' }),
    description: Type.Optional(
      Type.String({ maxLength: REPORT_LIMITS.description, description: 'What the report is for.' }),
    ),
    blocks: Type.Array(BlockRequest, {
      minItems: 1,
      maxItems: REPORT_LIMITS.blocks,
      description: 'What the report shows, in this order.',
    }),
    timezone: timezoneField('The time zone of blocks that name none'),
  },
  'A report.',
  'ReportRequest',
)
export type ReportRequest = Static<typeof ReportRequest>

/** A report as it is stored: its `body` in a definition. */
export type Report = ReportRequest
export type ReportStore = DefinitionStore<Report>

/** What is wrong with a report of the schema, apart from the bodies of its blocks. Paths are those of the request body. */
export function reportMistakes({ name, blocks, timezone }: ReportRequest): FailureDetail[] {
  return [
    ...lineMistakes('name', name),
    ...timezoneMistakes(timezone),
    ...blocks.flatMap(({ title }, index) => lineMistakes(`blocks[${index}].title`, title)),
  ]
}

export function timezoneMistakes(timezone: string): FailureDetail[] {
  if (findTimeZone(timezone)) return []
  return [{ path: 'timezone', message: 'Expected an IANA time zone name such as Europe/Berlin.' }]
}
