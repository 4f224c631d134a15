/** The texts of alerts in German. */
import { EDITOR } from './editor/de.ts'
import type { AlertTexts } from './en.ts'

export const GERMAN: AlertTexts = {
  readOnly:
    'Sie sehen alle Regeln und können Änderungen daran erproben. Zum Speichern braucht Ihre Anmeldung die Berechtigung analytics:write.',
  states: {
    firing: 'Ausgelöst',
    recovering: 'Klingt ab',
    pending: 'Auffällig',
    normal: 'Normal',
    noData: 'Keine Daten',
    stale: 'Nicht beurteilt',
    disabled: 'Ausgeschaltet',
  },
  stateHints: {
    stale: 'Der Dienst ist mit seinen Ereignissen im Rückstand und beurteilt deshalb gerade keine Regeln.',
    noData: 'Bisher ließ sich nichts beurteilen.',
  },
  list: {
    rules: 'Regeln',
    none: 'Es gibt noch keine Regel. Beginnen Sie mit einer von diesen:',
    create: 'Neue Regel',
    presets: 'Beginnen mit',
    since: (time) => `seit ${time}`,
    series: (firing, all) => `${firing} von ${all} ausgelöst`,
    more: (count) => `und ${count} weitere`,
    snoozed: (time) => `Stumm bis ${time}`,
    problem: 'Diese Regel lässt sich gerade nicht beurteilen:',
    perUnit: { hour: 'nach Stunde', day: 'nach Tag', week: 'nach Woche' },
    by: (dimension) => `je ${dimension}`,
    noMail: 'Der Dienst verschickt keine E-Mails, weil kein Mailserver eingerichtet ist.',
  },
  presets: {
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
      description: 'Von den Nachrichten einer Stunde ist 30 Minuten nach deren Ende weniger als die Hälfte angekommen.',
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
  },
  detail: {
    rule: 'Die Regel',
    edit: 'Ändern',
    remove: 'Löschen',
    removeTitle: (name) => `„${name}“ löschen?`,
    removeHint: 'Die Regel und ihr Verlauf werden gelöscht. Das lässt sich nicht rückgängig machen.',
    cancel: 'Abbrechen',
    removed: (name) => `„${name}“ ist gelöscht.`,
    series: 'Zustände',
    seriesName: 'Reihe',
    everything: 'Alles',
    noValue: 'Keine Angabe',
    state: 'Zustand',
    since: 'Seit',
    value: 'Neuester Wert',
    bucket: (time) => `Zuletzt beurteilt: ${time}`,
    notJudged:
      'Es wurde noch kein Abschnitt beurteilt. Eine neue Regel wird innerhalb einer Minute beurteilt, nachdem ein Abschnitt abgeschlossen ist.',
    history: 'Verlauf',
    noHistory: 'Der Zustand hat sich noch nicht geändert.',
    change: (from, to) => `${from} → ${to}`,
    judgedAt: (time) => `beurteilt ${time}`,
    expected: {
      both: (lower, upper) => `üblich: ${lower} bis ${upper}`,
      upper: (upper) => `üblich: höchstens ${upper}`,
      lower: (lower) => `üblich: mindestens ${lower}`,
    },
    silenced: {
      snoozed: 'Niemand wurde benachrichtigt: Die Regel war stumm.',
      other: 'Niemand wurde benachrichtigt: auch über den Beginn nicht.',
    },
    notTold: 'Über diese Änderung wird niemand benachrichtigt.',
    noRecipients: 'Die Regel nennt niemanden, der benachrichtigt wird.',
    channels: { email: 'E-Mail', webhook: 'Webhook', event: 'Ereignis auf dem Broker' },
    statuses: {
      pending: 'wartet',
      sent: 'gesendet',
      failed: 'fehlgeschlagen',
      unknown: 'unbekannt, ob gesendet',
      sending: 'wird gesendet',
      retrying: 'wird wiederholt',
      missed: 'versäumt: kein Prozess lief rechtzeitig',
      skipped: 'ausgelassen',
    },
    attempts: { one: '1 Versuch', many: (count) => `${count} Versuche` },
    nextAttempt: (time) => `nächster Versuch ${time}`,
  },
  snooze: {
    button: 'Stummschalten',
    active: (time) => `Stumm bis ${time}`,
    hint: 'Bis dahin wird niemand benachrichtigt. Die Regel wird trotzdem beurteilt.',
    hour: 'Für eine Stunde',
    day: 'Für einen Tag',
    week: 'Für eine Woche',
    until: 'Bis',
    apply: 'Bis dahin stummschalten',
    end: 'Stummschaltung beenden',
    invalid: 'Wählen Sie einen Zeitpunkt der nächsten 366 Tage.',
    done: (time) => `Bis ${time} wird niemand benachrichtigt.`,
    ended: 'Es wird wieder benachrichtigt.',
  },
  ...EDITOR,
}
