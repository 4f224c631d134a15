import { defineLazyView } from './lazy/lazy-view.ts'

export const view = defineLazyView({
  group: 'reporting',
  icon: 'M8 2.5a3.8 3.8 0 0 1 3.8 3.8c0 3.2 1.4 4.2 1.4 4.2H2.8s1.4-1 1.4-4.2A3.8 3.8 0 0 1 8 2.5zM6.6 13a1.6 1.6 0 0 0 2.8 0',
  cardCount: 0,
  isOfDefinitions: true,
  hasFile: () => false,
  importPage: () => import('../alerts/alerts-page.tsx'),
})
