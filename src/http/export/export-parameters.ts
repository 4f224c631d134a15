import { type TObject, type TOptional, type TProperties, type TUnsafe, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import { invalidParameter } from '../../base/errors.ts'
import { type CsvStyle, DECIMALS, DELIMITERS, PLAIN_CSV } from './csv.ts'
import { RESPONSE_FORMATS, type ResponseFormat } from './response-format.ts'
import { COMPARISON_TABLE, tableNames } from './table-shapes.ts'

/** The parameters of every dashboard that choose the format of its response. */
export interface ExportParameters {
  readonly format?: ResponseFormat | undefined
  readonly table?: string | undefined
  readonly delimiter?: CsvStyle['delimiter'] | undefined
  readonly decimal?: CsvStyle['decimal'] | undefined
}

export const EXPORT_PARAMETERS = [
  'format',
  'table',
  'delimiter',
  'decimal',
] as const satisfies readonly (keyof ExportParameters)[]

/** The style of the requested CSV file. */
export function csvStyleOf({ delimiter, decimal }: ExportParameters): CsvStyle {
  return { delimiter: delimiter ?? PLAIN_CSV.delimiter, decimal: decimal ?? PLAIN_CSV.decimal }
}

/** Throws a VALIDATION_ERROR for the table of the changes in a request without a comparison. */
export function requireTable(table: string, isCompared: boolean): void {
  if (table === COMPARISON_TABLE && !isCompared)
    throw invalidParameter('table', `The table ${COMPARISON_TABLE} needs compare beside it.`)
}

export const FORMAT_PARAMETER = Type.Optional(
  choice(
    RESPONSE_FORMATS,
    'JSON, or a file. By default the media type in the header `Accept` decides, and otherwise it is JSON.',
  ),
)

/** The parameters that choose the style of a CSV file. */
export const CSV_STYLE_PARAMETERS = {
  delimiter: Type.Optional(
    choice(
      keysOf(DELIMITERS),
      'What separates the fields of a CSV file. Spreadsheets of German, French and many other languages expect a semicolon.',
      PLAIN_CSV.delimiter,
    ),
  ),
  decimal: Type.Optional(
    choice(
      keysOf(DECIMALS),
      'What separates the fraction of a number in a CSV file. Where the delimiter is a comma as well, such numbers are quoted.',
      PLAIN_CSV.decimal,
    ),
  ),
}

type ExportSchemas<Data extends TProperties> = {
  format: TOptional<TUnsafe<ResponseFormat>>
  table: TOptional<TUnsafe<(keyof Data & string) | typeof COMPARISON_TABLE>>
  delimiter: TOptional<TUnsafe<CsvStyle['delimiter']>>
  decimal: TOptional<TUnsafe<CsvStyle['decimal']>>
}

/** The part of a dashboard that its parameters depend on. */
interface ExportedDashboard<Parameters extends TProperties, Data extends TProperties> {
  readonly parameters: TObject<Parameters>
  readonly data: { readonly properties: Data }
  readonly mainTable: keyof Data & string
}

/** The schema of a dashboard's own parameters, followed by those that choose the format of its response. */
export function withExportParameters<Parameters extends TProperties, Data extends TProperties>({
  parameters,
  data,
  mainTable,
}: ExportedDashboard<Parameters, Data>): TObject<Parameters & ExportSchemas<Data>> {
  const exportSchemas: Record<keyof ExportParameters, unknown> = {
    // Without a default, which the framework would fill in: without the parameter, the header decides.
    format: FORMAT_PARAMETER,
    table: Type.Optional(
      choice(
        [...tableNames(data), COMPARISON_TABLE],
        `The table that a CSV file contains. The other formats contain all tables. \`${COMPARISON_TABLE}\` has the changes of the summary; it needs \`compare\`.`,
        mainTable,
      ),
    ),
    ...CSV_STYLE_PARAMETERS,
  }
  const { description = '' } = parameters
  return object({ ...parameters.properties, ...(exportSchemas as ExportSchemas<Data>) }, description)
}

function keysOf<Key extends string>(choices: Readonly<Record<Key, string>>): Key[] {
  return Object.keys(choices) as Key[]
}
