/** The texts of the editor of filters in German. */
import type { FilterTexts } from './en.ts'

export const GERMAN: FilterTexts = {
  dimension: 'Filtern nach',
  condition: 'Bedingung',
  conditions: { in: 'ist eines von', notIn: 'ist keines von', exists: 'hat einen Wert', missing: 'hat keinen Wert' },
  values: 'Werte',
  search: 'Suchen oder Wert eingeben',
  add: (value) => `„${value}“ hinzufügen`,
  loading: 'Werte werden geladen …',
  none: 'In diesem Zeitraum gibt es keine Werte. Geben Sie einen ein.',
  notLoaded: 'Die Werte konnten nicht geladen werden. Geben Sie einen ein.',
  more: (count) => `Die ${count} häufigsten Werte. Geben Sie einen anderen ein.`,
  choose: 'Wählen Sie mindestens einen Wert.',
  wholeNumber: 'Geben Sie eine ganze Zahl ein.',
  apply: 'Anwenden',
}
