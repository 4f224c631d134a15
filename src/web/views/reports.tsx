import { isReportShown } from '../reports/report-place.ts'
import { defineLazyView } from './lazy/lazy-view.ts'

export const view = defineLazyView({
  group: 'reporting',
  icon: 'M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13M6.5 11.5v-2M8.5 11.5v-4M10.5 11.5v-1',
  cardCount: 0,
  isOfDefinitions: true,
  hasFile: isReportShown,
  importPage: () => import('../reports/reports-page.tsx'),
})
