import { messages } from '../messages/messages.ts'

/** Placeholders of the size of a view that is loading. */
export function Skeleton({ cardCount }: { readonly cardCount: number }) {
  return (
    <div class="view">
      <p class="visually-hidden" role="status">
        {messages().loading}
      </p>
      {cardCount > 0 && (
        <div class="kpi-section" aria-hidden="true">
          <div class="kpi-cards" data-count={cardCount}>
            {Array.from({ length: cardCount }, (_, index) => (
              <div key={index} class="skeleton skeleton-card" />
            ))}
          </div>
        </div>
      )}
      <div class="skeleton skeleton-chart" aria-hidden="true" />
    </div>
  )
}
