import { defineLazyView } from './lazy/lazy-view.ts'

export const view = defineLazyView({
  group: 'analysis',
  icon: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2M7 5v4M5 7h4',
  controls: { takesComparison: true, takesFilters: true },
  cardCount: 0,
  importPage: () => import('../explorer/explorer-page.tsx'),
})
