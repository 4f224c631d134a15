import { type TObject, type TOptional, type TProperties, type TUnsafe, Type } from '@sinclair/typebox'
import { choice, object } from '../../analytics/schemas.ts'
import { type Format, FORMATS } from './format.ts'
import { tableNames } from './tables.ts'

/** What every dashboard can be asked of its form. */
export interface FileParameters {
  readonly format?: Format | undefined
  readonly table?: string | undefined
}

type WithFiles<Parameters extends TProperties, Data extends TProperties> = TObject<
  Parameters & { format: TOptional<TUnsafe<Format>>; table: TOptional<TUnsafe<keyof Data & string>> }
>

/** A dashboard's own parameters and those that choose the form of its answer. */
export function withFileParameters<Parameters extends TProperties, Data extends TProperties>(
  parameters: TObject<Parameters>,
  { schema, mainTable }: { readonly schema: { readonly properties: Data }; readonly mainTable: keyof Data & string },
): WithFiles<Parameters, Data> {
  const withFiles: unknown = object(
    {
      ...parameters.properties,
      // Without a default of its own, which the framework would fill in: the header is the default.
      format: Type.Optional(
        choice(
          FORMATS,
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
    },
    parameters.description ?? '',
  )
  return withFiles as WithFiles<Parameters, Data>
}
