/** The responses about reports. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import type { Definition, DefinitionVersion } from '../../definitions/ports.ts'
import { type Report, ReportRequest } from '../../reports/report.ts'
import { BLOCK_KINDS, CHARTS, REPORT_LIMITS } from '../../reports/report-parts.ts'
import { CSV_STYLE_PARAMETERS, FORMAT_PARAMETER } from '../export/export-parameters.ts'
import { definitionFields, definitionProperties } from '../definitions/definition-responses.ts'

export const ReportPath = object(
  { reportId: Type.String({ minLength: 1, description: 'The id of the report.', examples: ['report-1'] }) },
  'The path of a report.',
)

export const RunParameters = object(
  {
    format: FORMAT_PARAMETER,
    block: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: REPORT_LIMITS.blocks - 1,
        description: 'Only this block: its position in the report, from 0.',
        examples: [0],
      }),
    ),
    ...CSV_STYLE_PARAMETERS,
  },
  'The format of the response, and the block.',
)

export const ReportData = object(
  { ...definitionProperties(), ...ReportRequest.properties },
  'A report as it is stored.',
  'Report',
)

export type ReportData = Static<typeof ReportData>

export function reportDataOf(definition: Definition<Report>) {
  return { ...definitionFields(definition), ...definition.body }
}

const ReportSummary = object(
  {
    ...definitionProperties(),
    ...Type.Omit(ReportRequest, ['blocks']).properties,
    blocks: Type.Array(
      object(
        {
          title: Type.String({ description: 'The heading of the block.' }),
          kind: choice(BLOCK_KINDS, 'What the block shows.'),
          chart: choice(CHARTS, 'How the block is drawn.'),
        },
        'A part of a report without its request.',
        'ReportBlockSummary',
      ),
      { description: 'The blocks without their requests.' },
    ),
  },
  'A report in the list.',
  'ReportSummary',
)

export const ReportListData = object(
  { reports: Type.Array(ReportSummary, { description: 'All reports of the tenant, the oldest first.' }) },
  'The reports of the tenant.',
  'ReportList',
)

export type ReportListData = Static<typeof ReportListData>

export function reportSummaryOf(definition: Definition<Report>) {
  const { blocks, ...body } = definition.body
  return {
    ...definitionFields(definition),
    ...body,
    blocks: blocks.map(({ title, kind, chart }) => ({ title, kind, chart })),
  }
}

const { version, changedAt } = definitionProperties()

export const ReportVersionsData = object(
  {
    versions: Type.Array(
      object({ version, changedAt, ...ReportRequest.properties }, 'A version of a report.', 'ReportVersion'),
      { description: 'The versions that are kept, the newest first. The first one is the report as it is.' },
    ),
  },
  'The versions of a report.',
  'ReportVersions',
)

export type ReportVersionsData = Static<typeof ReportVersionsData>

export function reportVersionOf({ version: number, changedAt: at, body }: DefinitionVersion<Report>) {
  return { version: number, changedAt: new Date(at).toISOString(), ...body }
}

export const RunData = object(
  {
    blocks: Type.Array(
      object(
        {
          title: Type.String({ description: 'The heading of the block.' }),
          kind: choice(BLOCK_KINDS, 'What the block shows.'),
          chart: choice(CHARTS, 'How the block is drawn.'),
          data: Type.Unsafe<object>(
            Type.Object(
              {},
              {
                title: 'ReportBlockData',
                additionalProperties: true,
                description: 'The `data` of the response to the request of the block at its own endpoint.',
              },
            ),
          ),
        },
        'What a block shows.',
        'ReportRunBlock',
      ),
      { description: 'The blocks, in the order of the report.' },
    ),
  },
  'What a report shows now.',
  'ReportRun',
)

export type RunData = Static<typeof RunData>
