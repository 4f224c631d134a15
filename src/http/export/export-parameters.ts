import { type TObject, type TOptional, type TProperties, type TUnsafe, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import { type ResponseFormat, RESPONSE_FORMATS } from './response-format.ts'
import { type CsvStyle, DECIMALS, DELIMITERS, PLAIN_CSV } from './csv.ts'
import { tableNames } from './table-shapes.ts'

/** What every dashboard can be asked of its form. */
export interface ExportParameters {
  readonly format?: ResponseFormat | undefined
  readonly table?: string | undefined
  readonly delimiter?: CsvStyle['delimiter'] | undefined
  readonly decimal?: CsvStyle['decimal'] | undefined
}

/** How the asked CSV file is written. */
export function csvStyleOf({ delimiter, decimal }: ExportParameters): CsvStyle {
  return { delimiter: delimiter ?? PLAIN_CSV.delimiter, decimal: decimal ?? PLAIN_CSV.decimal }
}

type WithExportParameters<Parameters extends TProperties, Data extends TProperties> = TObject<
  Parameters & {
    format: TOptional<TUnsafe<ResponseFormat>>
    table: TOptional<TUnsafe<keyof Data & string>>
    delimiter: TOptional<TUnsafe<CsvStyle['delimiter']>>
    decimal: TOptional<TUnsafe<CsvStyle['decimal']>>
  }
>

/** A dashboard's own parameters and those that choose the form of its answer. */
export function withExportParameters<Parameters extends TProperties, Data extends TProperties>(
  parameters: TObject<Parameters>,
  { schema, mainTable }: { readonly schema: { readonly properties: Data }; readonly mainTable: keyof Data & string },
): WithExportParameters<Parameters, Data> {
  const extended: unknown = object(
    {
      ...parameters.properties,
      // Without a default of its own, which the framework would fill in: the header is the default.
      format: Type.Optional(
        choice(
          RESPONSE_FORMATS,
          'JSON, or a file. By default the media type in the header `Accept` decides, and otherwise it is JSON.',
        ),
      ),
      table: Type.Optional(
        choice(
          tableNames(schema),
          'The table that a CSV file contains. The other formats contain all tables.',
          mainTable,
        ),
      ),
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
    },
    parameters.description ?? '',
  )
  return extended as WithExportParameters<Parameters, Data>
}

function keysOf<Key extends string>(choices: Readonly<Record<Key, string>>): Key[] {
  return Object.keys(choices) as Key[]
}
