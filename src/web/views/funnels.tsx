import { GRANULARITIES } from '../../analytics/time/buckets.ts'
import { defineLazyView } from './lazy/lazy-view.ts'

export const view = defineLazyView({
  group: 'analysis',
  icon: 'M2 2.5h12L9.5 8.5v5l-3-1.8V8.5z',
  controls: { granularities: GRANULARITIES, takesFilters: true },
  cardCount: 0,
  importPage: () => import('../funnels/funnels-page.tsx'),
})
