import { apiPath } from '../api/api-client.ts'
import { FileButtons } from '../layout/download-buttons.tsx'
import type { ShownDrill } from './drill-state.ts'
import { texts } from './texts/texts.ts'

/** Buttons that save all messages of a search as a file. */
export function DrillDownloads({ drill }: { readonly drill: ShownDrill }) {
  return (
    <div class="view-actions">
      <FileButtons
        title={texts().fileLimit}
        request={(parameters, api, signal) =>
          api.request(apiPath('messages/search', parameters), signal, {}, drill.body)
        }
      />
    </div>
  )
}
