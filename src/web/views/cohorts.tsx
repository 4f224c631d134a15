import { defineLazyView } from './lazy/lazy-view.ts'

export const view = defineLazyView({
  group: 'analysis',
  icon: 'M2.5 3.5h11M2.5 6.6h8M2.5 9.7h5M2.5 12.8h2',
  controls: { takesFilters: true },
  cardCount: 0,
  importPage: () => import('../cohorts/cohorts-page.tsx'),
})
