import { useSignal } from '@preact/signals'
import { type ApiClient, apiPath, type Parameters } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import { csvParameters } from '../format/csv-parameters.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { View } from '../views/view.ts'
import { describeError } from './describe-error.ts'

const FORMATS = ['csv', 'xlsx'] as const
type Format = (typeof FORMATS)[number]

/** Buttons that save everything that the view shows as a file. */
export function DownloadButtons({ view }: { readonly view: View }) {
  const { address } = useApp()
  return (
    <FileButtons
      request={async (format, api, signal) => {
        const { path, parameters, body } = await view.file({
          api,
          viewState: address.viewState.peek(),
          now: Date.now(),
        })
        return api.request(apiPath(path, { ...parameters, ...format }), signal, {}, body)
      }}
    />
  )
}

interface FileButtonsProps {
  /** Requests a file. The parameters are those of its format. */
  readonly request: (parameters: Parameters, api: ApiClient, signal: AbortSignal) => Promise<Response>
  readonly title?: string
}

/** Buttons that save a file, one per format. The CSV file has the separators of the browser's language. */
export function FileButtons({ request, title }: FileButtonsProps) {
  const { api, session, toasts } = useApp()
  const { download: texts } = messages()
  const busy = useSignal<Format | undefined>(undefined)
  const csvStyle = csvParameters(navigator.language)

  async function save(format: Format): Promise<void> {
    busy.value = format
    try {
      const parameters = { format, ...(format === 'csv' ? csvStyle : {}) }
      const response = await request(parameters, api, new AbortController().signal)
      const name = fileNameFrom(response.headers.get('content-disposition') ?? '') ?? `export.${format}`
      download(await response.blob(), name)
      toasts.show('success', texts.done(name))
    } catch (error) {
      // The dialog for signing in again is enough of a message.
      if (error instanceof ApiError && error.status === 401) session.expire()
      else toasts.show('error', failureText(error))
    } finally {
      busy.value = undefined
    }
  }
  function failureText(error: unknown): string {
    if (error instanceof ApiError && error.status === 403) return texts.denied
    return `${texts.failed} ${describeError(error, navigator.onLine).title}.`
  }
  return (
    <span class="download" role="group" aria-label={texts.label}>
      {FORMATS.map((format) => (
        <button
          key={format}
          type="button"
          class="button"
          // A disabled button would lose the focus.
          aria-disabled={busy.value !== undefined}
          aria-busy={busy.value === format}
          title={format === 'csv' && csvStyle.delimiter !== undefined ? texts.csvDecimalComma : title}
          onClick={() => busy.value === undefined && void save(format)}
        >
          {texts[format]}
        </button>
      ))}
    </span>
  )
}

/** Makes a safe file name from a header: it never contains a path. */
function fileNameFrom(disposition: string): string | undefined {
  const name = /filename="?([^";]+)"?/i.exec(disposition)?.[1]?.trim()
  return name?.replaceAll(/[^\w.-]+/g, '-')
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
