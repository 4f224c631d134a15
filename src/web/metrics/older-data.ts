import type { DataOf, DashboardName } from '../../analytics/dashboards/dashboards.ts'

type Items = readonly { readonly previous?: unknown }[]

/**
 * The data of the older range in the form of the data that it is compared with: the summary, what became of the messages, and the items of lists that have older ones. Undefined without a comparison. The
 * same object for the same data.
 */
export function olderDataOf<Name extends DashboardName>(data: DataOf<Name>): DataOf<Name> | undefined {
  const { comparison, ...parts } = data
  if (!comparison) return undefined
  let older = known.get(data)
  if (!older) {
    const { summary, engagement } = comparison as { readonly summary?: object; readonly engagement?: object }
    const lists = Object.entries(parts).flatMap(([name, part]) =>
      Array.isArray(part) ? [[name, (part as Items).flatMap(({ previous }) => previous ?? [])]] : [],
    )
    known.set(data, (older = { ...Object.fromEntries(lists), summary, engagement }))
  }
  return older as DataOf<Name>
}

const known = new WeakMap<object, object>()
