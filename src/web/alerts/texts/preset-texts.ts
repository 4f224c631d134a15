import { ownTexts } from '../../messages/messages.ts'

interface PresetTexts {
  readonly name: string
  readonly description: string
}

/** The presets of the service in German, by their names. */
export const GERMAN_PRESETS: Readonly<Record<string, PresetTexts>> = {
  'Complaint rate above 0.1 %': {
    name: 'Beschwerderate über 0,1 %',
    description: 'Eine Warnung: Große Anbieter erwarten weniger als 0,1 %.',
  },
  'Complaint rate above 0.3 %': {
    name: 'Beschwerderate über 0,3 %',
    description: 'Kritisch: Über 0,3 % lehnen große Anbieter E-Mails ab.',
  },
  'Hard bounces above 5 %': {
    name: 'Hard Bounces über 5 %',
    description: 'Eine Warnung: Viele Adressen gibt es nicht.',
  },
  'Hard bounces above 10 %': {
    name: 'Hard Bounces über 10 %',
    description: 'Kritisch: An diese Liste sollte nicht mehr gesendet werden.',
  },
  'Hard bounces more than usual': {
    name: 'Mehr Hard Bounces als üblich',
    description: 'Die Rate liegt weit über der der 28 Tage davor.',
  },
  'Delivery stall': {
    name: 'Zustellung stockt',
    description:
      'Von den Nachrichten, die vor 90 bis 30 Minuten gesendet wurden, ist weniger als die Hälfte zugestellt oder unzustellbar. Wird einmal in der Stunde geprüft.',
  },
  Silence: {
    name: 'Stille',
    description: 'Es wird nichts gesendet, obwohl um diese Zeit sonst gesendet wird.',
  },
  'Unsubscribe spike': {
    name: 'Viele Abmeldungen',
    description: 'Es melden sich weit mehr ab als üblich.',
  },
  'Open collapse by recipient domain': {
    name: 'Einbruch der Öffnungen nach Empfängerdomain',
    description: 'Bei einem großen Anbieter wird viel weniger geöffnet als zuvor.',
  },
  'Workflow failures': {
    name: 'Fehlschläge von Workflows',
    description: 'Mehr als 5 von 100 Durchläufen schlagen fehl.',
  },
}

/** A preset in the language of the page. The service writes English, which a preset without a translation keeps. */
export function presetTexts({ name, description }: PresetTexts): PresetTexts {
  const presets = ownTexts<Readonly<Record<string, PresetTexts>>>({ en: {}, de: GERMAN_PRESETS })
  return Object.hasOwn(presets, name) ? presets[name]! : { name, description }
}
