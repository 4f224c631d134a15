import { useId } from 'preact/hooks'
import { formatZoneName } from '../../state/zone-names.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { runText } from './schedule-text.ts'

interface NextRunsProps {
  /** Epoch milliseconds; none while the schedule is off, undefined while it names no day or no time. */
  readonly runs: readonly number[] | undefined
  /** The zone of the schedule. */
  readonly zone: string
}

/** When the schedule runs next, spelled out in its zone. */
export function NextRuns({ runs, zone }: NextRunsProps) {
  const id = useId()
  const { schedules: texts } = reportTexts()
  return (
    <section class="next-runs" aria-labelledby={id}>
      <h3 id={id}>
        {texts.nextRuns} <span class="note">({formatZoneName(zone)})</span>
      </h3>
      {runs === undefined ? (
        <p>{texts.noDays}</p>
      ) : runs.length === 0 ? (
        <p>{texts.noRuns}</p>
      ) : (
        <ol role="list">
          {runs.map((run) => (
            <li key={run}>
              <time dateTime={new Date(run).toISOString()}>{runText(run, zone)}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
