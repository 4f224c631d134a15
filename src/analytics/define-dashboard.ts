import type { Static, TObject, TProperties, TSchema, TUnsafe } from '@sinclair/typebox'
import type { TimeZone } from '../base/time-zone.ts'
import { type ComparisonRequest, readCompared } from './comparison/compare.ts'
import { comparisonParameters } from './comparison/comparison-request.ts'
import { type ComparedData, comparedProperties } from './comparison/comparison-schema.ts'
import type { FilterLeaf } from './filter/filter-tree.ts'
import type { Drill } from './drill-down/drill.ts'
import { withDrillProperties } from './drill-down/item-drills.ts'
import type { FactsAsOf, FactsInProgress } from './engagement/facts-as-of.ts'
import type { CountName } from './metrics.ts'
import { rangeParameters } from './parameters.ts'
import { type PageRequest, withNextCursor } from './query/list-page.ts'
import type { QueryPort } from './query/tenant-query.ts'
import { object } from './schemas.ts'
import type { TimeRange, TimeRangePreset } from './time/time-range.ts'

/** The request of every dashboard: the tenant, the range, the zone of its days, the page of its lists, and what it is compared with. */
export interface DashboardRequest extends PageRequest {
  readonly tenantId: string
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly compared?: ComparisonRequest | undefined
  /** The facts of messages to read for engagement. */
  readonly facts?: FactsAsOf | FactsInProgress | undefined
}

/** Parameters as a request has them; those that are missing may be undefined. */
type ParametersOf<Parameters extends TProperties> = {
  readonly [Name in keyof Static<TObject<Parameters>>]?: Static<TObject<Parameters>>[Name] | undefined
}

type Request<Parameters extends TProperties> = DashboardRequest & ParametersOf<Omit<Parameters, 'limit' | 'cursor'>>

/** What a dashboard's own code receives. The events of `range` count; the series have the buckets of `bucketRange`, which ends later where a comparison counts only until now. */
type ReadRequest<Parameters extends TProperties> = Request<Parameters> & { readonly bucketRange: TimeRange }

interface Definition<Name extends string, Parameters extends TProperties, Data extends TProperties, Rows> {
  /** The last part of the route's path, the operation's id, the label of metrics, the query type of log lines. */
  readonly name: Name
  /** The range of a request that names none. */
  readonly preset: TimeRangePreset
  /** The parameters besides those of the range. A dashboard that has `pageParameters` has lists of which a request reads one page. */
  readonly parameters: Parameters
  /** The schema of the data: each property is a table of the dashboard's files. */
  readonly data: TObject<Data>
  /** Whether the data depends on the rules of the classes of opens and clicks. */
  readonly dependsOnRules?: true
  /** The table of a CSV file that names none. */
  readonly mainTable: keyof Data & string
  /** The condition of the messages that the dashboard counts, where it does not count all of them. */
  readonly counted?: FilterLeaf
  /** What the dashboard counts first, where that is not the messages sent. */
  readonly mainCount?: CountName
  /** Reads the rows. Rejects with a StoreFailure. */
  query(port: QueryPort, request: ReadRequest<Parameters>): Promise<Rows>
  /** Makes the data of the rows. */
  shape(rows: Rows, request: ReadRequest<Parameters>): Promise<DataOf<Data>>
  /** For the API document. */
  readonly docs: { readonly summary: string; readonly description: string }
  /** Data of a real response, for the API document. All examples are about the same three days of one tenant, so that their numbers agree. */
  readonly example: Static<TObject<Data>>
}

type DataOf<Data extends TProperties> = Static<TObject<Data>> & { readonly nextCursor?: string }

/** A dashboard: everything that routes, files, the API document and the page are made from. */
export interface Dashboard<
  Name extends string = string,
  Parameters extends TProperties = TProperties,
  Data extends TProperties = TProperties,
> extends Omit<Definition<Name, Parameters, Data, unknown>, 'parameters' | 'query' | 'shape'> {
  readonly parameters: TObject<ReturnType<typeof commonParameters> & Parameters>
  /** The schema of the data in a JSON response: with the comparison, and with the cursor of the next page where the dashboard has lists. */
  readonly responseData: TUnsafe<ComparedData<Data> & { readonly nextCursor?: string; readonly drill?: Drill }>
  /** Reads the data. Rejects with a StoreFailure. */
  read(port: QueryPort, request: Request<Parameters>): Promise<DataOf<Data>>
}

/** A dashboard for code that treats all of them alike. */
export interface AnyDashboard {
  readonly name: string
  readonly preset: TimeRangePreset
  readonly parameters: TObject
  readonly data: TObject
  readonly responseData: TSchema
  readonly dependsOnRules?: true
  readonly mainTable: string
  readonly counted?: FilterLeaf
  readonly mainCount?: CountName
  read(port: QueryPort, request: DashboardRequest): Promise<object>
  readonly docs: { readonly summary: string; readonly description: string }
  readonly example: object
}

/**
 * Defines a dashboard. Its rows are read first and then shaped, so that everything but the reading is free of the store. The comparison with an older range follows from the
 * definition: the same dashboard is read for both ranges.
 */
export function defineDashboard<
  const Name extends string,
  Parameters extends TProperties,
  Data extends TProperties,
  Rows,
>({
  parameters,
  query,
  shape,
  ...definition
}: Definition<Name, Parameters, Data, Rows>): Dashboard<Name, Parameters, Data> {
  const { name, preset, data } = definition
  const properties = withDrillProperties(comparedProperties(data))
  const compared = object(properties, data.description ?? '', data.title)
  const responseData: unknown = 'cursor' in parameters ? withNextCursor(compared) : compared
  return {
    ...definition,
    parameters: object({ ...commonParameters(preset), ...parameters }, `The parameters of the dashboard ${name}.`),
    responseData: responseData as Dashboard<Name, Parameters, Data>['responseData'],
    async read(port, request) {
      const readRange = async (each: ReadRequest<Parameters>) => shape(await query(port, each), each)
      const uncompared = { ...request, bucketRange: request.range }
      return request.compared
        ? readCompared(port, uncompared, request.compared, data, readRange)
        : readRange(uncompared)
    },
  }
}

/** The parameters of every dashboard. `preset` is the range without any of them. */
export const commonParameters = (preset: TimeRangePreset) => ({ ...rangeParameters(preset), ...comparisonParameters() })
