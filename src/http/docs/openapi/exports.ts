import { QUERY_EXAMPLE } from '../../../analytics/custom-query/query-response.ts'
import { COHORT_EXAMPLE } from '../../cohorts/cohort-examples.ts'
import { cohortFileData } from '../../cohorts/cohort-file.ts'
import { FUNNEL_EXAMPLES } from '../../funnels/funnel-examples.ts'
import { funnelFileData } from '../../funnels/funnel-file.ts'
import { fileDataOf } from '../../custom-query/query-file.ts'
import { RESPONSE_EXAMPLES } from './response-examples.ts'
import { csvText } from '../../export/csv.ts'
import { MEDIA_TYPES } from '../../export/response-format.ts'
import type { Cell } from '../../export/tables.ts'

/** The description of a dashboard's files in the OpenAPI document, by media type. The example is the main table of the example response. */
export function describeExports(dashboard: string, mainTable: string): Record<string, object> {
  const { data } = RESPONSE_EXAMPLES[dashboard] as { data: Record<string, readonly Record<string, Cell>[]> }
  return describeFiles(data[mainTable]!, 'a sheet for each table')
}

/** The same of the files of other operations, by their ids. The examples have the rows of the example responses. */
export const FILES: Readonly<Record<string, Record<string, object>>> = {
  query: describeFiles(
    fileDataOf({ comparison: undefined }, QUERY_EXAMPLE).rows,
    'the sheets `rows` and, where they are asked for, `totals`',
  ),
  funnel: describeFiles(
    funnelFileData(FUNNEL_EXAMPLES.funnel).steps,
    'the sheets `steps`, `totals` and, where they are asked for, `breakdown` and `trend`',
  ),
  cohorts: describeFiles(cohortFileData(COHORT_EXAMPLE).cells, 'the sheets `cells` and `mean`'),
  runReport: describeFiles(
    fileDataOf({ comparison: undefined }, QUERY_EXAMPLE).rows,
    'a sheet for each block',
    'The tables of the blocks as CSV, each with its title in the line before it, or that of one `block` alone',
  ),
}

function describeFiles(
  items: readonly Readonly<Record<string, Cell>>[],
  sheets: string,
  tables = 'One table as CSV',
): Record<string, object> {
  const example = csvText(
    Object.keys(items[0]!),
    items.map((item) => Object.values(item)),
  )
  return {
    [MEDIA_TYPES.csv]: {
      schema: {
        type: 'string',
        description: `${tables} (RFC 4180, UTF-8 with a byte order mark), with the column names in its first line; \`delimiter\` and \`decimal\` choose how it is written. With \`compare\`, the numbers of the older range follow in further columns (\`previousSent\`). A text that a spreadsheet would take for a formula begins with an apostrophe.`,
      },
      example,
    },
    [MEDIA_TYPES.xlsx]: {
      schema: {
        type: 'string',
        format: 'binary',
        description: `A workbook with ${sheets}, and the sheet \`about\` with the parameters of the request. Days and times are dates of the \`timezone\`, percentages have a percent sign, headings are in plain English.`,
      },
    },
  }
}
