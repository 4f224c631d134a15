import type { ComponentChildren } from 'preact'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { Card } from '../components/card.tsx'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { formatDuration } from '../format/durations.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import type { FunnelAnswer } from './funnel-answer.ts'
import type { FunnelDefinition } from './funnel-definition.ts'
import { FunnelSteps } from './funnel-steps.tsx'

interface FunnelResultProps {
  readonly funnel: FunnelDefinition
  readonly answer: FunnelAnswer
}

/** The steps of a funnel, and what became of all that started. */
export function FunnelResult({ funnel, answer }: FunnelResultProps) {
  const { funnel: texts } = analysisTexts()
  const { entered, excluded, steps } = answer
  if (entered === 0 && excluded === 0)
    return (
      <Card title={texts.result}>
        <p>{texts.none}</p>
        <p class="note">{texts.noneHint}</p>
      </Card>
    )
  return (
    <Card title={texts.result} subtitle={texts.orderNotes[funnel.order]}>
      <FunnelFacts {...{ funnel, answer }} />
      <FunnelSteps funnel={funnel} steps={steps} />
    </Card>
  )
}

/** What became of all that started, in numbers. */
export function FunnelFacts({ funnel, answer }: FunnelResultProps) {
  const { funnel: texts } = analysisTexts()
  const { entered, excluded, open, overall, steps } = answer
  const converted = steps.at(-1)!
  return (
    <dl class="facts analysis-facts">
      <Fact
        label={texts.entities[funnel.entity]}
        note={texts.startedNote}
        drill={steps[0]!.drill}
        members={texts.startedMembers}
      >
        {formatCount(entered)}
      </Fact>
      <Fact
        label={texts.converted}
        note={formatRate(overall.conversionRate)}
        drill={converted.drill}
        members={texts.converted}
      >
        {formatCount(converted.count)}
      </Fact>
      <Fact label={texts.median}>{durationText(overall.medianSeconds)}</Fact>
      <Fact label={texts.p90}>{durationText(overall.p90Seconds)}</Fact>
      <Fact label={texts.open} note={texts.openHint} drill={answer.openDrill} members={texts.isOpen}>
        {formatCount(open)}
      </Fact>
      {(excluded > 0 || funnel.exclusions.length > 0) && (
        <Fact label={texts.excluded} note={texts.excludedHint} drill={answer.excludedDrill} members={texts.isExcluded}>
          {formatCount(excluded)}
        </Fact>
      )}
    </dl>
  )
}

interface FactProps {
  readonly label: string
  readonly note?: string
  /** Who is counted, and what they are. */
  readonly drill?: Drill | undefined
  readonly members?: string
  readonly children: ComponentChildren
}

function Fact({ label, note, drill, members, children }: FactProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <DrillLink drill={drill} label={members}>
          {children}
        </DrillLink>
      </dd>
      {note !== undefined && <dd class="fact-note">{note}</dd>}
    </div>
  )
}

function durationText(seconds: number | null): string {
  return seconds === null ? '–' : formatDuration(seconds)
}
