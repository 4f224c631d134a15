import { useSignal } from '@preact/signals'
import type { ShownBacktest } from '../../../http/alerts/history-data.ts'
import { Card } from '../../components/card.tsx'
import { DateRangePicker } from '../../controls/date-range-picker.tsx'
import { SelectField } from '../../controls/select-field.tsx'
import { createBucketFormatter } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import type { RuleDraft } from '../rule-draft.ts'
import { seriesName } from '../series-name.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { episodesOf, type ShownSeries } from './episodes.ts'
import { PreviewChart } from './preview-chart.tsx'
import type { Backtest } from './use-backtest.ts'

const MAX_LISTED = 5

interface RulePreviewProps {
  readonly rule: RuleDraft
  readonly backtest: Backtest
  /** An instant of the day that is "today", epoch milliseconds. */
  readonly asOf: number
}

/** What the rule would have done: as sentences, on a chart, and as a table. */
export function RulePreview({ rule, backtest, asOf }: RulePreviewProps) {
  const { address } = useApp()
  const { preview } = alertTexts()
  const { answer, isLoading, failure } = backtest
  return (
    <Card title={preview.title} subtitle={preview.subtitle} class="rule-preview">
      <div class="filter-bar">
        <DateRangePicker
          viewState={{ ...address.viewState.value, zone: rule.timezone }}
          now={asOf}
          onChange={address.navigate}
        />
        <span class="note" role="status">
          {isLoading ? preview.loading : ''}
        </span>
      </div>
      <div aria-busy={isLoading} class="rule-preview-result">
        {failure !== undefined && <p>{preview[failure]}</p>}
        {answer?.buckets === 0 && <p>{preview.empty}</p>}
        {answer && answer.buckets > 0 && <Result rule={backtest.rule} answer={answer} />}
      </div>
    </Card>
  )
}

function Result({ rule, answer }: { readonly rule: RuleDraft; readonly answer: ShownBacktest }) {
  const { preview } = alertTexts()
  const chosen = useSignal<string | undefined>(undefined)
  const { shown = [], transitions, series: seriesCount } = answer
  const keyOf = ({ series }: ShownSeries) => JSON.stringify(series)
  const selected = shown.find((each) => keyOf(each) === chosen.value) ?? shown[0]
  const begins = transitions.filter(({ from, to }) => to === 'firing' && from !== 'recovering').length
  if (!selected) return <p>{preview.empty}</p>
  return (
    <>
      {rule.splitBy !== undefined && (
        <>
          <p>{preview.allSeries(formatCount(begins), formatCount(seriesCount))}</p>
          <SelectField
            label={preview.series}
            name="series"
            value={keyOf(selected)}
            options={shown.map((each) => ({ value: keyOf(each), text: seriesName(each.series) }))}
            onChange={(value) => (chosen.value = value)}
          />
          {shown.length < seriesCount && (
            <p class="note">{preview.chosenSeries(formatCount(shown.length), formatCount(seriesCount))}</p>
          )}
        </>
      )}
      <Episodes rule={rule} selected={selected} />
      <PreviewChart
        key={`${rule.metric} ${rule.granularity} ${rule.timezone}`}
        rule={rule}
        buckets={selected.buckets}
      />
    </>
  )
}

/** The episodes as sentences. */
function Episodes({ rule, selected }: { readonly rule: RuleDraft; readonly selected: ShownSeries }) {
  const { preview } = alertTexts()
  const { buckets } = selected
  const episodes = episodesOf(buckets)
  const nameOf = createBucketFormatter(rule.granularity, rule.timezone)
  const name = (index: number) => nameOf(Date.parse(buckets[index]!.bucket))
  const all = formatCount(buckets.length)
  const count = formatCount(episodes.length)
  const unjudged = buckets.filter(({ verdict }) => verdict === 'tooFew').length
  return (
    <div class="episodes">
      <p>
        <strong>
          {episodes.length === 0
            ? preview.noEpisode(all)
            : episodes.length === 1
              ? preview.oneEpisode(all)
              : preview.episodes(count, all)}
        </strong>
      </p>
      {unjudged > 0 && <p class="note">{preview.unjudged(formatCount(unjudged))}</p>}
      {episodes.length > 0 && (
        <ul aria-label={preview.episodeList}>
          {episodes
            .toReversed()
            .slice(0, MAX_LISTED)
            .map(({ first, last, isOpen }) => (
              <li key={first}>
                {isOpen
                  ? preview.openEpisode(name(first))
                  : first === last
                    ? name(first)
                    : preview.episode(name(first), name(last))}
              </li>
            ))}
        </ul>
      )}
      {episodes.length > MAX_LISTED && (
        <p class="note">{preview.moreEpisodes(formatCount(episodes.length - MAX_LISTED))}</p>
      )}
    </div>
  )
}
