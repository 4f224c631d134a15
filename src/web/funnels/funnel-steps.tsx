import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { formatDuration } from '../format/durations.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import type { FunnelStepAnswer } from './funnel-answer.ts'
import type { FunnelDefinition } from './funnel-definition.ts'
import { shownStepName } from './funnel-names.ts'

interface FunnelStepsProps {
  readonly funnel: FunnelDefinition
  readonly steps: readonly FunnelStepAnswer[]
}

/** The steps as bars, with what is lost between them and how long each one takes. */
export function FunnelSteps({ funnel, steps }: FunnelStepsProps) {
  const { funnel: texts } = analysisTexts()
  const first = Math.max(1, steps[0]?.count ?? 0)
  return (
    <ol class="funnel" role="list" aria-label={texts.result} style={{ '--series': 'var(--series-sent)' }}>
      {steps.map((step, index) => {
        const { count, conversionFromFirst, conversionFromPrevious, droppedOff, medianSeconds, p90Seconds } = step
        const name = shownStepName(funnel, index)
        return (
          <li key={index}>
            {index > 0 && (
              <p class="funnel-difference">
                <span aria-hidden="true">{droppedOff > 0 ? '↓' : '='}</span>{' '}
                {droppedOff > 0 ? (
                  <DrillLink drill={step.droppedOffDrill} label={texts.dropped(name)}>
                    {texts.droppedOff(formatCount(droppedOff), formatRate(100 - (conversionFromPrevious ?? 0)))}
                  </DrillLink>
                ) : (
                  texts.noneDropped
                )}
                {medianSeconds !== null && p90Seconds !== null && (
                  <span class="funnel-times">
                    {texts.times(formatDuration(medianSeconds), formatDuration(p90Seconds))}
                  </span>
                )}
              </p>
            )}
            <p class="funnel-step">
              <span class="funnel-label">
                <span class="funnel-number">{index + 1}</span> <bdi>{name}</bdi>
              </span>{' '}
              <span class="funnel-value">
                <DrillLink drill={step.drill} label={texts.reached(name)}>
                  {formatCount(count)}
                </DrillLink>
              </span>{' '}
              {index > 0 && <span class="funnel-share">{texts.ofFirst(formatRate(conversionFromFirst))}</span>}{' '}
              {index > 1 && (
                <span class="funnel-share">{texts.ofPrevious(formatRate(conversionFromPrevious ?? 0))}</span>
              )}
            </p>
            <span class="bar" aria-hidden="true" style={{ '--share': count / first }} />
          </li>
        )
      })}
    </ol>
  )
}
